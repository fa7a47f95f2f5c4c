import { commands } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { live } from "./schedule.ts";
import type { Site } from "./site.ts";
import { unrest } from "./unrest.ts";
import { Process } from "./virtual-time.ts";

const lookMs = 5_000;

/** What people who look into slaves see. */
interface Seen {
  readonly held: Set<string>;
  /** Slaves that had lost their pod, node or Secret while they were held. */
  readonly lost: Set<string>;
  /** Builds that began on a slave that was held already. */
  readonly begun: Set<string>;
}

/** Every few seconds somebody holds a slave that runs a build, and some of them are released before their time is over. */
function curious(site: Site): { readonly seen: Seen; readonly isDone: () => boolean } {
  const seen: Seen = { held: new Set(), lost: new Set(), begun: new Set() };
  const person = new Process("ann");
  const bus = site.nats.connect(person);
  const askedMs = 10_000;
  const heldSince = new Map<string, number>();
  let left = 12;
  const busy = () => site.records.filter(({ state, life }) => state === "busy" && life.held === null);
  const hold = async (): Promise<void> => {
    const slaves = busy();
    const slave = slaves[Math.floor(site.time.random() * slaves.length)]?.name;
    if (slave === undefined) return;
    const forMs = Math.round(site.time.between(60_000, 240_000));
    const asked = { master: "m", slave, by: "ann", reason: "it fails", forMs };
    // Where its supervisor dies before it answers, the hold is there or not: the record says.
    await bus.request(commands.holdSlave, asked, { master: "m", timeoutMs: askedMs }).catch(() => undefined);
    left -= 1;
  };
  const release = async (slave: string): Promise<void> => {
    const asked = { master: "m", slave, by: "ann", reason: "" };
    await bus.request(commands.releaseSlave, asked, { master: "m", timeoutMs: askedMs }).catch(() => undefined);
  };
  const look = (): void => {
    const { core } = site.jenkins;
    for (const { name, life, state } of site.records) {
      if (life.held === null || state === "deleted") continue;
      seen.held.add(name);
      if (!heldSince.has(name)) heldSince.set(name, site.time.wallClock);
      const isWhole = site.cluster.pods.has(name) && site.cluster.secrets.has(name) && core.state.nodes.has(name);
      if (!isWhole) seen.lost.add(name);
      if (site.time.chance(0.05)) void site.time.as(person, () => release(name));
    }
    for (const { node, job, startedAtMs } of core.works()) {
      const since = heldSince.get(node ?? "");
      if (since !== undefined && (startedAtMs ?? 0) > since) seen.begun.add(`${job} on ${node}`);
    }
    if (left > 0) void site.time.as(person, hold);
    site.time.in(lookMs, look);
  };
  site.time.in(lookMs, look);
  return { seen, isDone: () => left <= 0 };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "slaves that people hold keep pod, node and Secret and get no further build, whoever supervises them; then all is gone (seed %i)",
  async (seed) => {
    const seen: Seen[] = [];
    const day = await live({
      seed,
      builds: 60,
      wishes: ["python"],
      templates: [{ name: "python", labels: ["python"], builds: 3 }],
      takesMs: [2_000, 40_000],
      disturb: (site) => {
        const people = curious(site);
        seen.push(people.seen);
        unrest(["slave-supervisor"])(site);
        return () => true;
      },
    });
    const { isOver, built, killed, doubled, alive } = day;
    expect({ isOver, built, killed, doubled, alive }).toEqual({
      isOver: true,
      built: 60,
      killed: 0,
      doubled: 0,
      alive: 0,
    });
    const [{ held, lost, begun } = { held: new Set(), lost: undefined, begun: undefined }] = seen;
    expect(held.size).toBeGreaterThan(2);
    expect([lost, begun]).toEqual([new Set(), new Set()]);
  },
);
