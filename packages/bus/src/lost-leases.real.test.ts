import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { natsServerBinary } from "@kubestack/real-parts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type NatsServer, startNatsServer } from "./server.ts";
import { Sharer } from "./sharer-process.fixture.ts";

const masters = Array.from({ length: 20 }, (_, number) => `master-${number}`);
/** Beliefs are looked at every millisecond, by processes that may be held up: no less than this, in milliseconds, is seen. */
const blurMs = 50;

let dir: string;
let storeDir: string;
let server: NatsServer;
let sharers: Sharer[] = [];
let dead: Sharer[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-leases-"));
  storeDir = join(dir, "store");
  server = await startNatsServer({ binary: await natsServerBinary(), storeDir });
  sharers = [1, 2, 3].map(() => new Sharer(server.url, masters));
  dead = [];
  await vi.waitFor(() => expect(Math.min(...shares())).toBeGreaterThan(0), { timeout: 40_000, interval: 50 });
  await allBelieved();
});

afterEach(async () => {
  await Promise.all(sharers.map((sharer) => sharer.end("SIGKILL")));
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

const shares = (): number[] => sharers.map((sharer) => sharer.holds.length);

/** Kills the server, and starts it on what `change` makes of its store. Answers when it was killed. */
async function restarted(change: () => Promise<void>): Promise<number> {
  const { port, pid, died } = server;
  const at = Date.now();
  process.kill(pid, "SIGKILL");
  await died;
  await change();
  server = await startNatsServer({ binary: await natsServerBinary(), storeDir, port });
  return at;
}

async function putBack(copy: string): Promise<void> {
  await rm(storeDir, { recursive: true });
  await cp(copy, storeDir, { recursive: true });
}

function believersOf(master: string): Sharer[] {
  return sharers.filter(({ beliefs }) => beliefs.findLast((belief) => belief.master === master)?.believes === true);
}

async function allBelieved(): Promise<void> {
  const counts = (): number[] => masters.map((master) => believersOf(master).length);
  await vi.waitFor(() => expect(counts()).toEqual(masters.map(() => 1)), { timeout: 30_000, interval: 20 });
}

/** The longest times since an instant that one master had two believers, and none, in milliseconds. */
function longestSince(since: number): { doubleMs: number; noneMs: number } {
  const longest = { doubleMs: 0, noneMs: 0 };
  for (const master of masters) {
    const turns = [...sharers, ...dead]
      .flatMap(({ beliefs }) => beliefs.filter((belief) => belief.master === master))
      .sort((a, b) => a.at - b.at);
    let count = 0;
    let before = Number.NEGATIVE_INFINITY;
    for (const { at, believes } of turns) {
      const lastedMs = at - Math.max(before, since);
      if (count > 1) longest.doubleMs = Math.max(longest.doubleMs, lastedMs);
      if (count === 0) longest.noneMs = Math.max(longest.noneMs, lastedMs);
      count += believes ? 1 : -1;
      before = at;
    }
  }
  process.stdout.write(`a master had two believers, and none, for ms: ${JSON.stringify(longest)}\n`);
  return longest;
}

test("the store is lost: no two believe in one lease, and each master is somebody's within seconds", async () => {
  const since = await restarted(() => rm(storeDir, { recursive: true }));
  // Who comes just then has heard of nobody.
  sharers.push(new Sharer(server.url, masters));
  await vi.waitFor(() => expect(believersChanged(since)).toBe(masters.length), { timeout: 30_000, interval: 20 });
  await allBelieved();
  const { doubleMs, noneMs } = longestSince(since);
  expect(doubleMs).toBeLessThan(blurMs);
  expect(noneMs).toBeLessThan(8_000);
}, 120_000);

test("the store is put back to when one that is dead had masters: no two believe in one lease", async () => {
  const copy = join(dir, "copy");
  await restarted(() => cp(storeDir, copy, { recursive: true }));
  await allBelieved();
  const [one, ...others] = sharers.toSorted((a, b) => b.holds.length - a.holds.length);
  if (one === undefined) throw new RangeError("No process runs.");
  const had = one.holds;
  await one.end("SIGKILL");
  // What it believed ended with it.
  one.beliefs.push(...had.map((master) => ({ master, believes: false, at: Date.now() })));
  dead = [one];
  sharers = others;
  await allBelieved();
  const since = await restarted(() => putBack(copy));
  await vi.waitFor(() => expect(believersChanged(since)).toBe(masters.length), { timeout: 30_000, interval: 20 });
  await allBelieved();
  const { doubleMs, noneMs } = longestSince(since);
  expect(doubleMs).toBeLessThan(blurMs);
  expect(noneMs).toBeLessThan(18_000);
}, 120_000);

/** Masters that somebody has begun to believe in since. */
function believersChanged(since: number): number {
  const begun = sharers.flatMap(({ beliefs }) => beliefs.filter(({ at, believes }) => believes && at > since));
  return new Set(begun.map(({ master }) => master)).size;
}
