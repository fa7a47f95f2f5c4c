import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connectBus } from "@kubestack/bus";
import { deleteStores } from "@kubestack/bus/testing";
import { KubestackError, keys } from "@kubestack/contracts";
import { startNatsServer } from "@kubestack/real-parts";
import { createLogger } from "@kubestack/runtime";
import { describe, expect, test, vi } from "vitest";
import { Bed, patient } from "../../bed.fixture.ts";
import { deliver, told } from "./deliveries.fixture.ts";
import { HookedJobs } from "./hooked-jobs.ts";

const fixture = fileURLToPath(new URL("collector-process.fixture.ts", import.meta.url));
const bed = new Bed("hooked-");

interface Collecting {
  readonly url: string;
  readonly child: ChildProcess;
  /** Ends it in order, or at once. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** A process of its own that serves a master. */
async function collecting(master: string, intervalMs = 250): Promise<Collecting> {
  const child = spawn(process.execPath, [fixture, bed.server.url, master, String(intervalMs)], {
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let isEnded = false;
  const end = async (signal?: NodeJS.Signals): Promise<void> => {
    if (!isEnded) {
      isEnded = true;
      if (signal === undefined) child.stdin?.end();
      else child.kill(signal);
    }
    await exited;
  };
  bed.ends.push(() => end());
  for await (const url of createInterface({ input: child.stdout as NodeJS.ReadableStream })) return { url, child, end };
  throw new Error("the process ended before it listened");
}

/** What is published of a master, as it is heard. */
function heard(master: string) {
  const { rounds, shown } = bed.hear(master);
  const shows = (...ids: string[]) =>
    vi.waitFor(() => {
      expect(shown()?.state).toBe("ok");
      expect(
        shown()
          ?.items.map(({ id }) => id)
          .toSorted(),
      ).toEqual(ids.toSorted());
    }, patient);
  return { rounds, shows };
}

describe("two processes take deliveries of one master", () => {
  test("whichever gets one, all that waits is told by the one that holds the lease, and a death loses nothing", async () => {
    const master = bed.newName();
    const { shows } = heard(master);
    const [one, two] = [await collecting(master), await collecting(master)];
    await shows();
    expect(await deliver(one.url, told("1", "waiting"), { master })).toEqual({
      status: 200,
      message: "Job 1 is waiting.",
    });
    expect((await deliver(two.url, told("2", "waiting"), { master })).status).toBe(200);
    await shows("1", "2");
    await deliver(two.url, told("1", "running"), { master });
    await shows("2");
    await one.end("SIGKILL");
    // Nobody reads for a moment; what is delivered meanwhile counts.
    await deliver(two.url, told("3", "waiting"), { master });
    await shows("2", "3");
    await deliver(two.url, told("2", "over"), { master });
    await shows("3");
  });

  test("what one of them is told the other one reads at once", async () => {
    const master = bed.newName();
    const { shows } = heard(master);
    const processes = [await collecting(master, 10_000), await collecting(master, 10_000)];
    await shows();
    const began = performance.now();
    for (const [id, { url }] of processes.entries()) await deliver(url, told(`${id}`, "waiting"), { master });
    await shows("0", "1");
    // By the interval alone it would be ten seconds for at least one of them in most runs.
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  test("the same delivery at both at once is one job", async () => {
    const master = bed.newName();
    const { shows, rounds } = heard(master);
    const [one, two] = [await collecting(master), await collecting(master)];
    const body = told("1", "waiting");
    const answers = await Promise.all([one, two, one, two].map(({ url }) => deliver(url, body, { master })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await deliver(two.url, body, { master })).toEqual({ status: 200, message: "It was taken before." });
    await shows("1");
    expect(Math.max(...rounds.map(({ sources }) => sources[0]?.items.length ?? 0))).toBe(1);
  });
});

describe("who may deliver, and when", () => {
  test("a wrong secret, an old signature and a changed body change nothing", async () => {
    const master = bed.newName();
    const { shows, rounds } = heard(master);
    const { url } = await collecting(master);
    const body = told("1", "waiting");
    expect((await deliver(url, body, { master, key: "another" })).status).toBe(401);
    expect(await deliver(url, body, { master, at: Date.now() - 10 * 60_000 })).toEqual({
      status: 401,
      message: expect.stringContaining("more than five minutes before or after"),
    });
    expect((await deliver(url, body, { master, headers: { "x-kubestack-signature": "t=1,v1=2" } })).status).toBe(401);
    expect(await deliver(url, told("2", "waiting"), { master })).toMatchObject({ status: 200 });
    await shows("2");
    expect(rounds.every(({ sources }) => sources[0]?.items.every(({ id }) => id === "2"))).toBe(true);
  });

  test("a delivery that was listened to and sent again brings no job back", async () => {
    const master = bed.newName();
    const { shows } = heard(master);
    const { url } = await collecting(master);
    const waits = told("1", "waiting");
    await deliver(url, waits, { master });
    await deliver(url, told("1", "over"), { master });
    await deliver(url, told("2", "waiting"), { master });
    // Even once it is forgotten that this very delivery was taken.
    for (const { key, revision } of await bed.bus.deliveries.list(`${master}.*`))
      await bed.bus.deliveries.remove(key, revision);
    expect(await deliver(url, waits, { master })).toEqual({ status: 200, message: "That is known of job 1." });
    await shows("2");
  });

  test("what is of no job is accepted and does nothing; what can't be read is refused", async () => {
    const master = bed.newName();
    const { url } = await collecting(master);
    expect(await deliver(url, "{}", { master, headers: { "x-github-event": "ping" } })).toEqual({
      status: 202,
      message: "Nothing is done for it: it is no event of a job.",
    });
    expect((await deliver(url, '{"kubestack":"job"}', { master })).status).toBe(400);
    expect(await bed.bus.hooks.list(keys.hookedJobsOf(master))).toEqual([]);
  });
});

test("late and in the wrong order: a job that is over stays over, another attempt waits again", async () => {
  const master = bed.newName();
  const { shows } = heard(master);
  const { url } = await collecting(master);
  for (const [id, state] of [
    ["1", "over"],
    ["1", "waiting"],
    ["1", "running"],
    ["2", "running"],
    ["2", "waiting"],
    ["3", "waiting"],
  ] as const)
    expect((await deliver(url, told(id, state), { master })).status).toBe(200);
  await shows("3");
  await deliver(url, told("1", "waiting", { attempt: 2 }), { master });
  await shows("1", "3");
});

test("the collector is started anew: what was told before waits as before", async () => {
  const master = bed.newName();
  const { shows, rounds } = heard(master);
  const first = await collecting(master);
  for (const id of ["1", "2", "3"]) await deliver(first.url, told(id, "waiting"), { master });
  await shows("1", "2", "3");
  await first.end("SIGKILL");
  const seen = rounds.length;
  const { url } = await collecting(master);
  await shows("1", "2", "3");
  await deliver(url, told("2", "over"), { master });
  await shows("1", "3");
  // No round of the new process ever showed fewer than were there.
  expect(Math.min(...rounds.slice(seen).map(({ sources }) => sources[0]?.items.length ?? 0))).toBeGreaterThanOrEqual(2);
});

test("a store that is lost is unknown, never nothing, until it is made anew", async () => {
  const own = await startNatsServer();
  bed.ends.push(() => own.stop());
  const ownBus = await connectBus({ servers: [own.url], name: "test", makesStores: true });
  bed.ends.push(() => ownBus.close());
  const jobs = new HookedJobs({ master: "m", bus: ownBus, log: createLogger({ level: "silent" }), now: Date.now });
  const job = { source: "own", name: "n", url: "", labels: null, state: "waiting", attempt: 0, at: 1 } as const;
  await jobs.take({ id: "1", ...job });
  expect((await jobs.all()).jobs).toHaveLength(1);
  await deleteStores(own.url);
  await expect(jobs.all()).rejects.toMatchObject({ code: "bus-unavailable" });
  await expect(jobs.take({ id: "2", ...job })).rejects.toThrow();
  await ownBus.mend();
  expect(await jobs.all()).toEqual({ jobs: [], unreadable: [] });
  await jobs.take({ id: "2", ...job });
  expect((await jobs.all()).jobs.map(({ id }) => id)).toEqual(["2"]);
});

test("a job of which nothing is heard for long is forgotten, though nothing is written", async () => {
  const master = bed.newName();
  const jobs = new HookedJobs({ master, bus: bed.bus, log: createLogger({ level: "silent" }), now: Date.now });
  const job = { source: "own", name: "n", url: "", labels: null, state: "waiting", attempt: 0, since: 1 } as const;
  await bed.bus.hooks.create(keys.hookedJob(master, "short"), { id: "short", ...job }, { ttlMs: 1000 });
  await bed.bus.hooks.create(keys.hookedJob(master, "long"), { id: "long", ...job });
  expect((await jobs.all()).jobs).toHaveLength(2);
  await vi.waitFor(async () => expect((await jobs.all()).jobs.map(({ id }) => id)).toEqual(["long"]), patient);
});

test("a record that nobody can read takes nothing from the others, and is told as long as it may be missing", async () => {
  const master = bed.newName();
  // What a later release writes can't be written by this one.
  const stored = bed.bus.hooks;
  const strange = (key: string) => new KubestackError("invalid-message", `${key} can't be read`);
  const hooks: typeof stored = {
    ...stored,
    list: (filter, onUnreadable) => {
      onUnreadable?.(strange("first"));
      return stored.list(filter, onUnreadable);
    },
    changes: (options) => {
      options.onUnreadable?.(strange("later"));
      return stored.changes(options);
    },
  };
  const jobs = new HookedJobs({ master, bus: { hooks }, log: createLogger({ level: "silent" }), now: Date.now });
  const job = { source: "own", name: "n", url: "", labels: null, state: "waiting", attempt: 0, since: 1 } as const;
  await stored.create(keys.hookedJob(master, "good"), { id: "good", ...job });
  expect(await jobs.all()).toMatchObject({ jobs: [{ id: "good" }], unreadable: ["first can't be read"] });
  await stored.create(keys.hookedJob(master, "next"), { id: "next", ...job });
  const both = { jobs: [{ id: "good" }, { id: "next" }], unreadable: ["first can't be read", "later can't be read"] };
  expect(await jobs.all()).toMatchObject(both);
  expect(await jobs.all()).toMatchObject(both);
});

test("a flood of 10,000 deliveries, of 2,000 jobs, is kept whole, in bounded memory", {
  timeout: 180_000,
}, async () => {
  const master = bed.newName();
  const { rounds } = heard(master);
  const { url, child } = await collecting(master);
  const rss = () =>
    new Promise<number>((resolve) => {
      child.once("message", (message) => resolve((message as { rss: number }).rss));
      child.send("how much");
    });
  const before = await rss();
  const began = performance.now();
  const ids = Array.from({ length: 10_000 }, (_, number) => `job-${number % 2000}`);
  const refused = new Set<string>();
  const queue = ids.values();
  let most = before;
  await Promise.all(
    Array.from({ length: 48 }, async () => {
      for (const id of queue) {
        // As senders do: what is not taken is sent again.
        for (;;) {
          const { status } = await deliver(url, told(id, "waiting", { name: "x".repeat(500) }), { master });
          if (status === 200) break;
          expect(status).toBe(503);
          refused.add(id);
        }
      }
    }),
  );
  most = Math.max(most, await rss());
  const tookMs = performance.now() - began;
  await vi.waitFor(() => expect(rounds.at(-1)?.sources[0]?.items.length).toBe(2000), patient);
  most = Math.max(most, await rss());
  process.stdout.write(
    `10,000 deliveries in ${Math.round(tookMs)} ms, ${refused.size} of them sent again; resident memory ${Math.round(before / 1e6)} MB before, ${Math.round(most / 1e6)} MB at most\n`,
  );
  expect(most - before).toBeLessThan(400e6);
});
