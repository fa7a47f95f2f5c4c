import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keys } from "@kubestack/contracts";
import { natsServerBinary } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Bus, connectBus } from "./bus.ts";
import { inOrderFor } from "./rendezvous.ts";
import { type NatsServer, startNatsServer } from "./server.ts";
import { Sharer } from "./sharer-process.fixture.ts";

const masters = Array.from({ length: 20 }, (_, number) => `master-${number}`);

let dir: string;
let server: NatsServer;
let bus: Bus;
let sharers: Sharer[] = [];

async function started(): Promise<Sharer> {
  const sharer = new Sharer(server.url, masters);
  sharers.push(sharer);
  await vi.waitFor(() => expect(sharer.name).not.toBe(""), { timeout: 20_000 });
  return sharer;
}

/** Waits until each master is with who comes first for it. */
async function settled(): Promise<void> {
  const names = sharers.map(({ name }) => name);
  const expected = Object.fromEntries(masters.map((master) => [master, inOrderFor(master, names)[0]]));
  await vi.waitFor(() => expect(holders()).toEqual(expected), { timeout: 40_000, interval: 50 });
}

function holders(): Record<string, string> {
  return Object.fromEntries(sharers.flatMap((sharer) => sharer.holds.map((master) => [master, sharer.name])));
}

/** The longest time from an instant until one of these masters was another's. */
function takenAfter(since: number, of: readonly string[], by: readonly Sharer[]): number {
  const times = of.map((master) => {
    const took = by
      .flatMap(({ changes }) => changes)
      .filter((change) => change.master === master && change.held && change.at >= since);
    return Math.min(...took.map(({ at }) => at)) - since;
  });
  return Math.max(...times);
}

const told = (what: string, value: unknown): void => void process.stdout.write(`${what}: ${JSON.stringify(value)}\n`);

/** The process that has most, taken out of the list. */
function busiest(): { one: Sharer; had: string[]; others: Sharer[] } {
  const [one, ...others] = sharers.toSorted((a, b) => b.holds.length - a.holds.length);
  if (one === undefined) throw new RangeError("No process runs.");
  return { one, had: one.holds, others };
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-bus-"));
  server = await startNatsServer({ binary: await natsServerBinary(), storeDir: dir });
  bus = await connectBus({ servers: [server.url], name: "test" });
});

afterAll(async () => {
  await Promise.all(sharers.map((sharer) => sharer.end("SIGKILL")));
  await bus?.close();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

test("twenty masters are spread over three processes, and one more gets its share and no more moves", async () => {
  await Promise.all([started(), started(), started()]);
  await settled();
  told(
    "three processes have",
    sharers.map(({ holds }) => holds.length),
  );
  const before = holders();
  const fourth = await started();
  await settled();
  told(
    "four processes have",
    sharers.map(({ holds }) => holds.length),
  );
  const moved = masters.filter((master) => holders()[master] !== before[master]);
  expect(moved).toEqual(fourth.holds);
}, 120_000);

test("a process that is asked to end hands over at once", async () => {
  const { one, had, others } = busiest();
  const since = Date.now();
  await one.end("SIGTERM");
  sharers = others;
  await settled();
  const ms = takenAfter(since, had, others);
  told("after SIGTERM taken within ms", ms);
  expect(ms).toBeLessThan(1_000);
}, 60_000);

test("NATS dies and comes back: nobody loses a master", async () => {
  const before = holders();
  const changes = sharers.map((sharer) => sharer.changes.length);
  const { port } = server;
  process.kill(server.pid, "SIGKILL");
  await server.died;
  server = await startNatsServer({ binary: await natsServerBinary(), storeDir: dir, port });
  const since = Date.now();
  const renewed = async (): Promise<void> => {
    for (const master of masters) {
      const lease = await bus.leases.get(keys.lease("slave-supervisor", master));
      expect([lease?.value.holder, (lease?.writtenAt ?? 0) > since + 5_000]).toEqual([before[master], true]);
    }
  };
  await vi.waitFor(renewed, { timeout: 30_000, interval: 500 });
  expect(sharers.map((sharer) => sharer.changes.length)).toEqual(changes);
}, 60_000);

test("a process that stands still is replaced when its leases end, and does nothing when it goes on", async () => {
  await started();
  await settled();
  const { one, had, others } = busiest();
  const since = Date.now();
  one.child.kill("SIGSTOP");
  const taken = (): void => expect(others.flatMap(({ holds }) => holds)).toEqual(expect.arrayContaining(had));
  await vi.waitFor(taken, { timeout: 30_000, interval: 50 });
  const ms = takenAfter(since, had, others);
  told("after SIGSTOP taken within ms", ms);
  expect(ms).toBeLessThan(18_000);
  expect(ms).toBeGreaterThan(9_000);
  const before = one.changes.length;
  one.child.kill("SIGCONT");
  await vi.waitFor(() => expect(one.holds).toEqual([]), { timeout: 10_000, interval: 20 });
  expect(one.changes.slice(before).every(({ held }) => !held)).toBe(true);
  // It has lived on for a while: it gets back what it comes first for, each the later the more often it was handed over.
  await vi.waitFor(() => expect(one.holds).not.toEqual([]), { timeout: 70_000, interval: 50 });
}, 150_000);

test("a process that is killed is replaced within three seconds", async () => {
  const { one, had, others } = busiest();
  const since = Date.now();
  await one.end("SIGKILL");
  sharers = others;
  const taken = (): void => expect(others.flatMap(({ holds }) => holds)).toEqual(expect.arrayContaining(had));
  await vi.waitFor(taken, { timeout: 20_000, interval: 20 });
  const ms = takenAfter(since, had, others);
  const next = had.map((master) => {
    const changes = others.flatMap((other) => other.changes).filter(({ at, held }) => held && at >= since);
    return changes.toSorted((a, b) => a.at - b.at).find((change) => change.master === master)?.predecessor;
  });
  told("after SIGKILL taken within ms", ms);
  expect(next.map((predecessor) => predecessor?.process)).toEqual(had.map(() => one.name));
  // Its last sign was given up to a beat before its death.
  for (const predecessor of next) expect(predecessor?.silentMs).toBeLessThan(ms + 1_500);
  expect(ms).toBeLessThan(3_500);
}, 60_000);
