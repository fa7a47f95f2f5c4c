import type { Bus } from "@kubestack/bus";
import { connectSubmitter, type JobResult, type Submitter, startWorker } from "@kubestack/gearman";
import { type Gearmand, startGearmand } from "@kubestack/real-parts";
import { createLogger } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { DemandListener, Reading } from "../listener.ts";
import { gearman } from "./index.ts";

let server: Gearmand;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startGearmand();
});
// Each test has a queue of its own.
beforeEach(async () => {
  await server.stopServer();
  await server.startServer();
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
afterAll(() => server.stop());

/** A listener of the server, and what it warned of. */
function listen(): DemandListener & { readonly warnings: string[] } {
  const warnings: string[] = [];
  const log = createLogger({ level: "silent" });
  log.warn = (_: unknown, told?: string) => warnings.push(told ?? "");
  const notHere = () => expect.fail("a Gearman server is read over its own protocol alone");
  const bus = { readLast: notHere, lastSequence: notHere, subscribe: notHere } as unknown as Bus;
  const config = { type: "gearman", host: server.host, port: server.port, interval: 2000 } as const;
  let now = 0;
  const tick = (): number => {
    now += 10;
    return now;
  };
  const listener = gearman.connect(config, {
    name: "zuul",
    master: undefined,
    bus,
    hooks: undefined,
    log,
    now: tick,
  });
  ends.push(() => listener.close?.());
  return { ...listener, warnings };
}

const idsOf = ({ items }: Reading) => items.map(({ id }) => id);

async function submitter(): Promise<Submitter> {
  const made = await connectSubmitter(server);
  ends.push(() => made.close());
  return made;
}

async function submit(name: string, count = 1): Promise<void> {
  const client = await submitter();
  for (let n = 0; n < count; n += 1) await client.submit({ function: name, unique: "", data: "{}" });
}

/** A worker as a master's plugin registers one for each executor; its jobs end when the test says so. */
async function worker(...functions: string[]) {
  const running: ((result: JobResult) => void)[] = [];
  const work = () => new Promise<JobResult>((resolve) => running.push(resolve));
  const { host, port } = server;
  const started = await startWorker({ host, port, clientId: "master_exec-0", functions, work });
  const finish = () => running.shift()?.({ state: "complete", data: Buffer.from('{"result":"SUCCESS"}') });
  ends.push(async () => {
    const stopped = started.stop();
    while (running.length > 0) finish();
    await stopped;
  });
  return { running, finish };
}

describe("a Gearman server", () => {
  test("wants more with every job, and less with every one that is over; ids stay", async () => {
    const { observe } = listen();
    await submit("build:a:linux", 2);
    const before = await observe();
    expect(idsOf(before)).toEqual(["build:a:linux#1", "build:a:linux#2"]);
    expect(before.items[0]).toMatchObject({ job: "a", wants: { kind: "expression", expression: "linux" } });
    await submit("build:a:linux");
    expect(idsOf(await observe())).toEqual(["build:a:linux#1", "build:a:linux#2", "build:a:linux#3"]);

    const { running, finish } = await worker("build:a:linux", "build:a");
    await vi.waitFor(() => expect(running).toHaveLength(1));
    // What runs is still there: the slave that works for it is set against it.
    const meanwhile = await observe();
    expect(idsOf(meanwhile)).toHaveLength(3);
    expect(meanwhile.items.map(({ isRunning = false }) => isRunning)).toEqual([false, false, true]);
    expect(meanwhile.items[0]?.why).toContain("2 of build:a:linux wait and 1 runs, 1 worker could take it");
    for (let left = 2; left >= 0; left -= 1) {
      finish();
      await vi.waitFor(async () => expect(idsOf(await observe())).toHaveLength(left));
      if (left > 0) await vi.waitFor(() => expect(running).toHaveLength(1));
    }
  });

  test("counts each label by itself, and orders to a master are no demand", async () => {
    await submit("build:a:linux", 2);
    await submit("build:b:mac");
    await submit("stop:backend");
    await submit("set_description:backend");
    await submit("reverse");
    const { items } = await listen().observe();
    const labels = items.map(({ wants }) => (wants.kind === "expression" ? wants.expression : wants.kind));
    expect(labels.toSorted()).toEqual(["linux", "linux", "mac"]);
  });

  test("a build without a label is for any agent, and for a worker's label once one runs its job", async () => {
    const { observe } = listen();
    await submit("build:my job");
    expect((await observe()).items).toMatchObject([{ job: "my job", wants: { kind: "any" }, labelOrigin: "none" }]);
    const { running } = await worker("build:my job:linux", "build:my job");
    await vi.waitFor(() => expect(running).toHaveLength(1));
    expect((await observe()).items).toMatchObject([
      { id: "build:my job#1", wants: { kind: "expression", expression: "linux" }, labelOrigin: "told" },
    ]);
  });

  test("what an idle worker takes is running, though it was submitted a moment ago", async () => {
    const { observe } = listen();
    const { running } = await worker("build:at once:linux");
    await submit("build:at once:linux", 2);
    const { items } = await observe();
    expect(items.map(({ id, isRunning = false }) => `${id} ${isRunning}`)).toEqual([
      "build:at once:linux#1 false",
      "build:at once:linux#2 true",
    ]);
    expect(running).toHaveLength(1);
  });

  test("a label that is no plain word is quoted", async () => {
    await submit("build:a:linux && docker");
    const [item] = (await listen().observe()).items;
    expect(item?.wants).toEqual({ kind: "expression", expression: '"linux && docker"' });
  });

  test("names that break its own lists are told as lines that can't be read; the others are wanted all the same", async () => {
    await submit("build:t\tb:x");
    await submit("build:good:linux");
    const { observe, warnings } = listen();
    expect(idsOf(await observe())).toEqual(["build:good:linux#1"]);
    expect(warnings).toEqual([expect.stringContaining("1 lines of Gearman server")]);
  });
});
