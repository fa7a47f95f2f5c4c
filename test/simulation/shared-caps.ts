import { buckets, keys, sharedCapsShape } from "@kubestack/contracts";
import type { MessageFaults } from "./memory-nats.ts";
import type { Schedule } from "./schedule.ts";
import { Site } from "./site.ts";

/** A day of two masters under one cap: the first is flooded, the second has a tenth of its builds. */
export interface SharedDay {
  readonly seed: number;
  readonly cap: number;
  readonly builds: number;
  readonly messages?: MessageFaults;
  readonly disturb?: Schedule["disturb"];
}

/** What came of it. */
export interface SharedDaysEnd {
  readonly isOver: boolean;
  /** The most slaves that the ledgers named at one time, and the most pods that there were. */
  readonly mostSlaves: number;
  readonly mostPods: number;
  /** Moments at which a ledger named more than its line said. */
  readonly aboveLine: number;
  readonly built: Readonly<Record<string, number>>;
  readonly killed: number;
  /** The longest that a build of each master waited for an executor, in virtual milliseconds. */
  readonly longestWaitMs: Readonly<Record<string, number>>;
  /** What the lines say at the end. */
  readonly left: number;
}

const names = ["flooded", "quiet"] as const;
const longestDayMs = 3 * 60 * 60_000;

/** Lives through it, looking at every pod that comes or goes. */
export async function liveSharing({ seed, cap, builds, messages, disturb }: SharedDay): Promise<SharedDaysEnd> {
  const templates = [{ name: "python", labels: ["python"] }];
  const site = new Site({ seed, masters: names, templates, maxSlaves: cap, assignment: "shuffled" });
  const seen = { mostSlaves: 0, mostPods: 0, aboveLine: 0 };
  const look = (): void => {
    const lines = site.nats.value(sharedCapsShape, keys.sharedCaps)?.lines ?? {};
    const ledgers = site.nats.values(buckets.ledger);
    seen.mostSlaves = Math.max(
      seen.mostSlaves,
      ledgers.reduce((sum, { live }) => sum + live.length, 0),
    );
    seen.mostPods = Math.max(seen.mostPods, site.cluster.pods.size);
    for (const { master, live } of ledgers) if (live.length > (lines[master]?.used.slaves ?? 0)) seen.aboveLine += 1;
  };
  try {
    await site.start();
    site.nats.faults = messages ?? site.nats.faults;
    site.cluster.onPod(look);
    const arrived = plan(site, builds);
    const mayEnd = disturb?.(site) ?? (() => true);
    const isOver = await site.time.run(
      longestDayMs,
      () => arrived.left === 0 && mayEnd() && hasEnded(site) && site.isEmpty && linesOf(site) === 0,
    );
    return { isOver, ...seen, ...countOf(site), left: linesOf(site) };
  } finally {
    site.end();
  }
}

function linesOf({ nats }: Site): number {
  const { lines = {} } = nats.value(sharedCapsShape, keys.sharedCaps) ?? {};
  return Object.values(lines).reduce((sum, { used, want }) => sum + used.slaves + want.slaves, 0);
}

function hasEnded({ masters }: Site): boolean {
  return [...masters.values()].every(
    ({ core }) => core.items().length === 0 && core.works().every(({ endedAtMs }) => endedAtMs !== null),
  );
}

/** All of the flood comes in the first seconds; the quiet master's builds come one by one. */
function plan(site: Site, builds: number): { left: number } {
  const { time, masters } = site;
  const arriving = { left: 0 };
  for (const { core } of masters.values())
    core.createJob({ name: "job", label: "python", durationMs: [500, 6_000], parameters: { N: "0" } });
  const arrive = (master: string, at: number, number: number): void => {
    arriving.left += 1;
    time.in(at, () => {
      arriving.left -= 1;
      masters.get(master)?.core.build("job", { parameters: { N: String(number) } });
    });
  };
  for (let number = 1; number <= builds; number += 1) arrive(names[0], time.between(0, 5_000), number);
  for (let number = 1; number <= builds / 10; number += 1) arrive(names[1], time.between(5_000, 60_000), number);
  return arriving;
}

function countOf({ masters }: Site): Pick<SharedDaysEnd, "built" | "killed" | "longestWaitMs"> {
  const of = [...masters].map(([name, { core }]) => [name, core] as const);
  const ran = of.map(([name, core]) => [name, core.works().filter(({ startedAtMs }) => startedAtMs !== null)] as const);
  return {
    built: Object.fromEntries(ran.map(([name, works]) => [name, works.length])),
    killed: of.reduce((sum, [, core]) => sum + core.killed().length, 0),
    longestWaitMs: Object.fromEntries(
      ran.map(([name, works]) => [
        name,
        Math.max(0, ...works.map(({ startedAtMs, queuedAtMs }) => (startedAtMs ?? 0) - queuedAtMs)),
      ]),
    ),
  };
}
