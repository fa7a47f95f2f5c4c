import { type Bus, connectBus, type Lease } from "@kubestack/bus";
import { deleteStores } from "@kubestack/bus/testing";
import { channels, commands, type Demand, type DemandSource, KubestackError, subjects } from "@kubestack/contracts";
import { startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming, type Timing } from "@kubestack/runtime";
import { manualTiming } from "@kubestack/runtime/testing";
import { slaveName } from "@kubestack/slave";
import { describe, expect, test } from "vitest";
import { Bed } from "./bed.fixture.ts";
import { queueEntry } from "./listeners/jenkins-queue/queue-entry.fixture.ts";
import { awayError, type FakeMaster, fakeMaster, refusedError } from "./master.fixture.ts";
import { MasterCollector } from "./master-collector.ts";

const bed = new Bed("m");
const { ends } = bed;
const newName = () => bed.newName();

/** A process, with a lease of the test's own if it is given one. */
async function connected(lease?: Lease): Promise<Bus> {
  const bus = await bed.connected();
  return lease === undefined ? bus : { ...bus, lease: () => lease };
}

interface Collecting {
  readonly bus: Bus;
  readonly collector: MasterCollector;
  readonly master: FakeMaster;
  stop(): Promise<void>;
}

async function collect(
  name: string,
  options: { bus?: Bus; master?: FakeMaster; timing?: Timing; interval?: number } = {},
): Promise<Collecting> {
  const bus = options.bus ?? (await connected());
  const master = options.master ?? fakeMaster(name);
  const service = await bus.serve("demand-collector", "1.0.0");
  const collector = new MasterCollector({
    name,
    master,
    listeners: [{ type: "jenkins-queue", interval: options.interval ?? 250 }],
    bus,
    service,
    log: createLogger({ level: "silent" }),
    timing: options.timing ?? systemTiming,
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= collector.stop().then(() => service.stop());
    return stopped;
  };
  ends.push(stop);
  return { bus, collector, master, stop };
}

/** A server of one test's own, whose store it may lose. */
async function ownServer(): Promise<{ url: string; bus: Bus }> {
  const own = await startNatsServer();
  ends.push(() => own.stop());
  const bus = await connectBus({ servers: [own.url], name: "test" });
  ends.push(() => bus.close());
  return {
    url: own.url,
    bus: { ...bus, lease: (duty, more) => bus.lease(duty, { ...more, retryMs: 20, renewMs: 200 }) },
  };
}

/** Everything published for a master, as it is heard, and a way to wait for one that is as wished. */
function hear(bus: Bus, name: string) {
  const sources: DemandSource[] = [];
  let watchers: (() => void)[] = [];
  const end = bus.subscribe(channels.demand, subjects.demand(name), ({ data }: { data: Demand }) => {
    sources.push(...data.sources);
    const told = watchers;
    watchers = [];
    for (const tell of told) tell();
  });
  ends.push(async () => end());
  const until = async (wished: (source: DemandSource) => boolean): Promise<DemandSource> => {
    for (;;) {
      const found = sources.find(wished);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => watchers.push(resolve));
    }
  };
  return { sources, until };
}

describe("what is published", () => {
  test("is the whole demand, in rounds that count up within a term", async () => {
    const name = newName();
    const listener = await connected();
    const { sources, until } = hear(listener, name);
    const { master } = await collect(name);
    master.queue = [queueEntry("1", "a", { why: "Waiting for next available executor on ‘python’" })];
    await until(({ round, items }) => round >= 3 && items.length === 1);
    expect(sources.map(({ term, round }) => [term, round])).toEqual(sources.map((_, at) => [1, at + 1]));
    for (const { readAt, queueReadAt } of sources) expect(readAt).toBeLessThanOrEqual(queueReadAt);
    expect(sources.at(-1)).toMatchObject({ name: "jenkins-queue", state: "ok", session: "first", computers: [] });
  });

  test("says unknown with the problem where the master does not answer, and never that nothing is wanted", async () => {
    const name = newName();
    const { until } = hear(await connected(), name);
    const { master, collector } = await collect(name);
    master.queue = [queueEntry("1", "a")];
    await until(({ items }) => items.length === 1);
    expect(collector.status()).toMatchObject({ state: "ok", waiting: 1, oldestWaitingSince: 1001 });
    master.failure = awayError;
    const unknown = await until(({ state }) => state === "unknown");
    expect(unknown).toMatchObject({
      problem: { code: "master-unavailable", message: "Master m does not answer." },
      session: null,
      items: [],
    });
    expect(unknown).not.toHaveProperty("computers");
    expect(collector.status()).toMatchObject({ state: "unreachable", waiting: null, detail: awayError.message });
  });

  test("announces a master that refuses us, comes back, and was started anew", async () => {
    const name = newName();
    const bus = await connected();
    const heard: string[] = [];
    const restarted = new Promise<void>((resolve) => {
      ends.push(
        (
          (end) => async () =>
            end()
        )(
          bus.subscribe(channels.master, subjects.allMasters, ({ data }) => {
            if (data.master !== name) return;
            heard.push(data.event);
            if (data.event === "restarted") resolve();
          }),
        ),
      );
    });
    const { until } = hear(bus, name);
    const { master } = await collect(name);
    master.failure = new KubestackError("credential-refused", "no");
    await until(({ problem }) => problem?.code === "credential-refused");
    master.failure = undefined;
    await until(({ state, round }) => state === "ok" && round > 1);
    master.session = "second";
    await restarted;
    expect(heard.slice(-3)).toEqual(["refused", "reachable", "restarted"]);
  });
});

describe("the interval", () => {
  test("is kept from poll to poll, however long a poll takes: never more than a tenth longer", async () => {
    const name = newName();
    const timing = manualTiming();
    const began: number[] = [];
    const master = fakeMaster(name);
    master.pause = async (what) => {
      if (what === "computers") began.push(timing.monotonic());
      await timing.sleep(200);
    };
    const { until } = hear(await connected(), name);
    await collect(name, { master, timing, interval: 1000 });
    while (began.length < 6) {
      await timing.asleep();
      await timing.advance(timing.sleepers()[0] ?? 0);
      if (began.length > 1) await until(({ round }) => round >= began.length - 1);
    }
    master.pause = async () => undefined;
    await timing.advance(1000);
    const gaps = began.slice(1).map((at, index) => at - (began[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1100);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
  });

  test.each([
    [
      "does not answer, to five seconds: what begins when it is back is to be seen",
      awayError,
      [1000, 2000, 4000, 5000, 5000],
    ],
    ["refuses us, to half a minute", refusedError, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
  ])("grows while the master %s; looks are left out", async (_, failure, gaps) => {
    const name = newName();
    const timing = manualTiming({ random: 1 });
    const began: number[] = [];
    const master = fakeMaster(name);
    master.failure = failure;
    master.pause = async () => {
      began.push(timing.monotonic());
    };
    await collect(name, { master, timing, interval: 250 });
    while (began.length <= gaps.length) {
      await timing.asleep();
      await timing.advance(timing.sleepers()[0] ?? 0);
    }
    expect(began.slice(1, gaps.length + 1).map((at, index) => at - (began[index] ?? 0))).toEqual(gaps);
  });

  test("begins after a try that took long, while the master does not answer: it is never asked without a pause", async () => {
    const name = newName();
    const timing = manualTiming({ random: 1 });
    const began: number[] = [];
    const master = fakeMaster(name);
    master.failure = awayError;
    master.pause = async () => {
      began.push(timing.monotonic());
      await timing.sleep(20_000);
    };
    await collect(name, { master, timing, interval: 250 });
    while (began.length < 5) {
      await timing.asleep();
      await timing.advance(timing.sleepers()[0] ?? 0);
    }
    master.pause = async () => undefined;
    await timing.advance(20_000);
    expect(began.slice(1, 5).map((at, index) => at - (began[index] ?? 0))).toEqual([21_000, 22_000, 24_000, 25_000]);
  });
});

describe("looks", () => {
  test("show our agents that are online and not yet busy, quickly, and launch nothing", async () => {
    const name = newName();
    const bus = await connected();
    const slave = slaveName({ master: name, epoch: "abcd", number: 1 });
    const computer = {
      name: slave,
      online: true,
      markedOffline: false,
      idle: true,
      executors: 1,
      labels: null,
      builds: [] as { url: string; number: number }[],
    };
    const master = fakeMaster(name);
    master.computers = [{ ...computer }, { ...computer, name: "built-in" }];
    const looks: string[][] = [];
    const busy = new Promise<void>((resolve) => {
      const end = bus.subscribe(channels.look, subjects.look(name), ({ data }) => {
        looks.push(data.computers.map(({ name: shown }) => shown));
        if (data.computers.some(({ idle }) => !idle)) resolve();
        else master.computers = [{ ...computer, idle: false, builds: [{ url: "job/a/1/", number: 1 }] }];
      });
      ends.push(async () => end());
    });
    const { sources } = hear(bus, name);
    await collect(name, { bus, master, interval: 60_000 });
    await busy;
    expect(looks).toEqual([[slave], [slave]]);
    expect(sources).toHaveLength(1);
  });
});

describe("a look that is asked for", () => {
  const named = (name: string, number: number) => slaveName({ master: name, epoch: "abcd", number });
  const busy = (name: string) => ({
    name,
    online: false,
    markedOffline: true,
    idle: false,
    executors: 1,
    labels: null,
    builds: [{ url: "job/a/1/", number: 1 }],
  });
  const idle = (name: string) => ({ ...busy(name), idle: true, builds: [] });

  /** A master with two busy slaves, read once by a clock that stands still, and the looks as they are heard. */
  async function settled() {
    const name = newName();
    const bus = await connected();
    const timing = manualTiming();
    const master = fakeMaster(name);
    const [one, two] = [named(name, 1), named(name, 2)];
    master.computers = [busy(one), busy(two), busy("built-in")];
    const looks: string[][] = [];
    let watchers: (() => void)[] = [];
    const end = bus.subscribe(channels.look, subjects.look(name), ({ data }) => {
      looks.push(
        data.computers.map((shown) => `${shown.name === one ? "one" : "two"} ${shown.idle ? "idle" : "busy"}`),
      );
      const told = watchers;
      watchers = [];
      for (const tell of told) tell();
    });
    ends.push(async () => end());
    const heard = async (count: number): Promise<void> => {
      while (looks.length < count) await new Promise<void>((resolve) => watchers.push(resolve));
    };
    const { until } = hear(bus, name);
    await collect(name, { bus, master, timing, interval: 60_000 });
    await until(({ round }) => round === 1);
    await timing.asleep();
    const ask = (nodes: string[], how: "seen" | "idle" = "idle") =>
      bus.request(commands.lookNow, { master: name, nodes, until: how }, { master: name });
    return { name, timing, master, one, two, looks, heard, ask };
  }

  test("begins at once, and goes on every 250 ms until the slave is idle", async () => {
    const { timing, master, one, two, looks, heard, ask } = await settled();
    expect(await ask([one])).toEqual({ accepted: true });
    await heard(1);
    expect([timing.monotonic(), looks]).toEqual([0, [["one busy"]]]);
    await timing.asleep();
    expect(timing.sleepers()).toEqual([250]);
    master.computers = [idle(one), busy(two)];
    await timing.advance(250);
    await heard(2);
    expect(looks).toEqual([["one busy"], ["one idle"]]);
    await timing.asleep();
    // It is idle: nothing more is asked of the master until the next round is due.
    expect(timing.sleepers()).toEqual([59_750]);
    expect(master.asked).toEqual(["computers", "queue", "computers", "computers"]);
  });

  test("is one for all who ask at the same time, and the next comes no sooner than 50 ms later", async () => {
    const { timing, master, one, two, looks, heard, ask } = await settled();
    const answering = Promise.withResolvers<void>();
    master.pause = () => answering.promise;
    await ask([one], "seen");
    // Asked for while a look is made: that one may have begun before what they were told of.
    const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => ask([at % 2 === 0 ? one : two], "seen")));
    expect(new Set(answers.map(({ accepted }) => accepted))).toEqual(new Set([true]));
    answering.resolve();
    await heard(1);
    await timing.asleep();
    expect(timing.sleepers()).toEqual([50]);
    await timing.advance(50);
    await heard(2);
    expect(looks).toEqual([["one busy"], ["one busy", "two busy"]]);
    expect(master.asked).toHaveLength(4);
  });

  test("is one look at whatever is busy where no node is named, and none for a node that is not ours", async () => {
    const { master, looks, heard, ask } = await settled();
    expect(await ask(["built-in", "no-such-node"])).toEqual({ accepted: false });
    expect(await ask([])).toEqual({ accepted: true });
    await heard(1);
    expect(looks).toEqual([["one busy", "two busy"]]);
    expect(master.asked).toEqual(["computers", "queue", "computers"]);
  });

  test("waits for the next round while the master does not answer", async () => {
    const { timing, master, one, heard, looks, ask } = await settled();
    master.failure = awayError;
    await ask([one]);
    await timing.asleep();
    expect(timing.sleepers()).toEqual([60_000]);
    expect(master.asked).toHaveLength(3);
    master.failure = undefined;
    // Ten seconds after it was asked for it is given up; the round shows everything.
    await timing.advance(60_000);
    await timing.asleep();
    expect(master.asked).toHaveLength(5);
    await ask([one], "seen");
    await heard(1);
    expect(looks).toEqual([["one busy"]]);
  });

  test("is answered by the process that reads the master, and by no other", async () => {
    const { name, one, heard, ask } = await settled();
    const other = await collect(name, { interval: 60_000 });
    for (let times = 0; times < 5; times += 1) expect(await ask([one])).toEqual({ accepted: true });
    await heard(1);
    expect(other.master.asked).toEqual([]);
  });
});

describe("a fresh round", () => {
  test("is begun after it was asked for, and answered with its place", async () => {
    const name = newName();
    const bus = await connected();
    const { sources, until } = hear(bus, name);
    const { master } = await collect(name, { interval: 60_000 });
    await until(({ round }) => round === 1);
    const polls = master.asked.length;
    const answer = await bus.request(commands.freshRound, { master: name }, { master: name });
    expect(master.asked.length).toBe(polls + 2);
    const { sequence } = (await bus.readLast(channels.demand, subjects.demand(name))) ?? { sequence: 0 };
    expect(answer).toEqual({ term: 1, round: 2, sequence });
    await until(({ round }) => round === 2);
    expect(sources).toHaveLength(2);
  });

  test("is answered by the one process that reads the master, however many wait for it", async () => {
    const name = newName();
    const bus = await connected();
    const { until } = hear(bus, name);
    const first = await collect(name, { interval: 60_000 });
    await until(({ round }) => round === 1);
    const others = await Promise.all([collect(name, { interval: 60_000 }), collect(name, { interval: 60_000 })]);
    const answers = [];
    for (let times = 0; times < 10; times += 1)
      answers.push(await bus.request(commands.freshRound, { master: name }, { master: name }));
    expect(answers.map(({ round }) => round)).toEqual(answers.map((_, at) => at + 2));
    expect(others.map(({ master }) => master.asked)).toEqual([[], []]);
    expect(others.map(({ collector }) => collector.status().state)).toEqual(["waiting", "waiting"]);
    expect(first.collector.status().state).toBe("ok");
  });
});

describe("two processes", () => {
  test("take turns: the second begins a higher term when the first one ends", async () => {
    const name = newName();
    const { sources, until } = hear(await connected(), name);
    const first = await collect(name);
    await until(({ term }) => term === 1);
    const second = await collect(name);
    await first.stop();
    expect(first.master.closed).toBe(true);
    await until(({ term, round }) => term === 2 && round >= 2);
    const marks = sources.map(({ term, round }) => term * 1000 + round);
    expect(marks).toEqual(marks.toSorted((a, b) => a - b));
    expect(second.collector.status().state).toBe("ok");
  });

  test("H10: one that was paused can't overwrite its successor's round, and goes on in a term of its own", async () => {
    const name = newName();
    const believes: Lease = { isHeld: () => true, held: Promise.resolve(), release: async () => undefined };
    const paused = await collect(name, { bus: await connected(believes), interval: 60_000 });
    const bus = await connected();
    const { sources, until } = hear(bus, name);
    const ask = () => bus.request(commands.freshRound, { master: name }, { master: name });
    await ask();
    // Its lease ran out while it stood still, and another process took over.
    const stood = Promise.withResolvers<void>();
    const reading = Promise.withResolvers<void>();
    paused.master.pause = async (what) => {
      if (what !== "queue") return;
      reading.resolve();
      await stood.promise;
    };
    const late = ask();
    await reading.promise;
    const successor = await collect(name, { interval: 60_000 });
    await until(({ term }) => term === 2);
    await successor.stop();
    const { sequence } = (await bus.readLast(channels.demand, subjects.demand(name))) ?? { sequence: 0 };
    stood.resolve();
    // Nothing that it published then counts for whoever asked.
    expect(await late).toMatchObject({ sequence: 0 });
    expect((await bus.readLast(channels.demand, subjects.demand(name)))?.sequence).toBe(sequence);
    expect(await ask()).toMatchObject({ term: 3 });
    await until(({ term }) => term === 3);
    // Whoever only listens hears the late one too, and knows it by its term.
    expect(sources.map(({ term }) => term)).toEqual([1, 2, 1, 3]);
  });

  test("of which one lost its lease: it reads no more until it holds it again, and then at once", async () => {
    const name = newName();
    let held = true;
    let tell: ((held: boolean, reason: string) => void) | undefined;
    const base = await connected();
    const bus: Bus = {
      ...base,
      lease: (_key, more) => {
        tell = more?.onChange;
        return { isHeld: () => held, held: Promise.resolve(), release: async () => undefined };
      },
    };
    const timing = manualTiming();
    const { until } = hear(base, name);
    const { master } = await collect(name, { bus, timing, interval: 2000 });
    await until(({ round }) => round === 1);
    await timing.asleep();
    held = false;
    tell?.(false, "lease lost");
    await timing.advance(60_000);
    expect(master.asked).toHaveLength(2);
    held = true;
    tell?.(true, "lease held");
    await until(({ round, term }) => round === 2 && term === 2);
    expect(timing.monotonic()).toBe(60_000);
  });

  test("of which one lost its lease while it published, and holds it again: its next round can be read, in a term of its own", async () => {
    const name = newName();
    let tell: ((held: boolean, reason: string) => void) | undefined;
    const base = await connected();
    const arrived = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let published = 0;
    const bus: Bus = {
      ...base,
      lease: (_duty, more) => {
        tell = more?.onChange;
        return { isHeld: () => true, held: Promise.resolve(), release: async () => undefined };
      },
      publish: async (...args) => {
        const sequence = await base.publish(...args);
        published += args[0].name === "demand" ? 1 : 0;
        if (published === 1) {
          arrived.resolve();
          await goOn.promise;
        }
        return sequence;
      },
    };
    const { until } = hear(base, name);
    await collect(name, { bus });
    await arrived.promise;
    tell?.(false, "lease lost");
    tell?.(true, "lease held");
    goOn.resolve();
    await until(({ round, term }) => round === 2 && term === 2);
    await until(({ round, term }) => round === 3 && term === 2);
  });

  test("after a message that nobody can read: the next round takes its place, in a higher term", async () => {
    const name = newName();
    const bus = await connected();
    const { until } = hear(bus, name);
    await bus.publish({ ...channels.demand, schema: {} as never }, subjects.demand(name), {
      master: name,
      sources: "none",
    } as never);
    await collect(name, { bus });
    await until(({ round, term }) => round === 1 && term > 1_000_000);
  });
});

test("where NATS loses its store rounds go on, in a higher term than any before (H42)", async () => {
  const { url, bus } = await ownServer();
  const name = newName();
  await collect(name, { bus });
  const last = () => bus.readLast(channels.demand, subjects.demand(name)).catch(() => undefined);
  await expect.poll(async () => (await last())?.data.sources[0]?.round, { timeout: 10_000 }).toBeGreaterThan(1);
  const before = (await last())?.data.sources[0];
  await deleteStores(url);
  await bus.mend();
  await expect
    .poll(async () => (await last())?.data.sources[0]?.term, { timeout: 10_000 })
    .toBe((before?.term ?? 0) + 1);
  const after = (await last())?.data.sources[0];
  expect(after?.round).toBeGreaterThan(before?.round ?? 0);
});
