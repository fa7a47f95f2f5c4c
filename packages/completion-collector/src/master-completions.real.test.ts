import type { Bus } from "@kubestack/bus";
import { type Completion, type Computer, channels, KubestackError, subjects } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { describe, expect, test, vi } from "vitest";
import { Bed } from "./bed.fixture.ts";
import { MasterCompletions } from "./master-completions.ts";

vi.setConfig({ testTimeout: 20_000 });

const bed = new Bed("m");
const { ends } = bed;
const newName = () => bed.newName();
const connected = () => bed.connected();

/** A master that knows the results of builds whose address holds no `gone`. */
function masterOf(name: string): Master {
  const notAsked = (): never => {
    throw new Error("not asked for here");
  };
  return {
    name,
    readBuild: async (url: string) => {
      if (url.includes("gone")) throw new KubestackError("not-found", "There is no such build.");
      const build = { job: "a", number: 1, builtOn: "n", timestamp: 0, durationMs: 1, session: null };
      return { ...build, building: false, result: "SUCCESS" };
    },
    close: () => undefined,
    probe: notAsked,
    readComputers: notAsked,
    readComputer: notAsked,
    readNode: notAsked,
    readQueue: notAsked,
    readJobLabel: notAsked,
    createNode: notAsked,
    deleteNode: notAsked,
    markOffline: notAsked,
    bringOnline: notAsked,
    agentSecret: notAsked,
    agentPort: notAsked,
    createSwarmNode: notAsked,
    readNewestBuild: notAsked,
    readQueueItem: notAsked,
  };
}

async function complete(name: string, bus: Bus, changed: Partial<Master> = {}) {
  const completions = new MasterCompletions({
    name,
    master: { ...masterOf(name), ...changed },
    listeners: [{ type: "jenkins-computers" }],
    bus,
    log: createLogger({ level: "silent" }),
    timing: systemTiming,
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= completions.stop();
    return stopped;
  };
  ends.push(stop);
  return { completions, stop };
}

/** Publishes what a demand-collector would. */
function collectorOf(bus: Bus, name: string) {
  let round = 0;
  const computers = (nodes: Readonly<Record<string, readonly string[]>>): Computer[] =>
    Object.entries(nodes).map(([node, builds]) => ({
      name: node,
      online: true,
      markedOffline: false,
      idle: builds.length === 0,
      executors: 1,
      labels: null,
      builds: builds.map((url) => ({ url, number: 1 })),
    }));
  return {
    round: (nodes: Readonly<Record<string, readonly string[]>>, state: "ok" | "unknown" = "ok") => {
      round += 1;
      const source = {
        name: "jenkins-queue",
        term: 1,
        round,
        readAt: bus.clock.now(),
        queueReadAt: bus.clock.now(),
        state,
        session: null,
        quietingDown: false,
        items: [],
        ...(state === "ok" ? { computers: computers(nodes) } : {}),
      };
      return bus.publish(channels.demand, subjects.demand(name), { master: name, sources: [source] });
    },
    look: (nodes: Readonly<Record<string, readonly string[]>>) =>
      bus.publish(channels.look, subjects.look(name), {
        master: name,
        readAt: bus.clock.now(),
        computers: computers(nodes),
      }),
  };
}

/** The facts as they are heard, and a way to wait for so many. */
function hear(bus: Bus, name: string) {
  const heard: Completion[] = [];
  let watchers: (() => void)[] = [];
  const end = bus.subscribe(channels.completion, subjects.completionsOf(name), ({ data }) => {
    heard.push(data);
    const told = watchers;
    watchers = [];
    for (const tell of told) tell();
  });
  ends.push(async () => end());
  const until = async (url: string, phase: Completion["phase"]): Promise<Completion> => {
    for (;;) {
      const found = heard.find((one) => one.build.url === url && one.phase === phase);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => watchers.push(resolve));
    }
  };
  return { heard, until, told: () => heard.map(({ phase, build, node }) => `${phase} ${node} ${build.url}`) };
}

describe("each fact about a build", () => {
  test("is told once, whether a round or a look shows it, with its result", async () => {
    const name = newName();
    const bus = await connected();
    const { until, told } = hear(bus, name);
    await complete(name, await connected());
    const collector = collectorOf(bus, name);
    await collector.round({ n: [], first: ["job/z/1/"] });
    await until("job/z/1/", "started");
    await collector.look({ n: ["job/a/1/"] });
    await until("job/a/1/", "started");
    await collector.round({ n: ["job/a/1/"], first: ["job/z/1/"] });
    await collector.look({ n: [] });
    expect(await until("job/a/1/", "finished")).toMatchObject({
      master: name,
      listener: "jenkins-computers",
      node: "n",
      build: { url: "job/a/1/", number: 1 },
      result: "SUCCESS",
    });
    await collector.round({ n: [], first: ["job/z/1/"] });
    await collector.round({ n: ["job/gone/2/"], first: ["job/z/1/"] });
    await collector.round({ n: [], first: ["job/z/1/"] });
    expect(await until("job/gone/2/", "finished")).toMatchObject({ result: null });
    expect(told()).toEqual([
      "started first job/z/1/",
      "started n job/a/1/",
      "finished n job/a/1/",
      "started n job/gone/2/",
      "finished n job/gone/2/",
    ]);
  });

  test("is not told of a round that says unknown: nothing is over for that", async () => {
    const name = newName();
    const bus = await connected();
    const { until, told } = hear(bus, name);
    await complete(name, await connected());
    const collector = collectorOf(bus, name);
    await collector.round({ n: ["job/a/1/"] });
    await until("job/a/1/", "started");
    await collector.round({}, "unknown");
    await collector.round({ n: ["job/a/1/"], o: ["job/b/1/"] });
    await until("job/b/1/", "started");
    expect(told()).toEqual(["started n job/a/1/", "started o job/b/1/"]);
  });

  test("of a master whose builds are slow to read fills no memory: of the readings that wait the newest are kept", async () => {
    const name = newName();
    const bus = await connected();
    const { until, told } = hear(bus, name);
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const readBuild: Master["readBuild"] = async (url) => {
      asked.resolve();
      await answer.promise;
      return masterOf(name).readBuild(url);
    };
    const own = await connected();
    await complete(name, own, { readBuild });
    const came = Promise.withResolvers<void>();
    own.subscribe(channels.demand, subjects.demand(name), ({ data }) => {
      if (data.sources[0]?.round === 102) came.resolve();
    });
    const collector = collectorOf(bus, name);
    await collector.round({ n: ["job/a/1/"] });
    await until("job/a/1/", "started");
    await collector.round({ n: [] });
    await asked.promise;
    for (let number = 1; number <= 100; number += 1) await collector.round({ n: [], other: [`job/b/${number}/`] });
    await came.promise;
    answer.resolve();
    await until("job/b/100/", "started");
    const shown = told().filter((fact) => fact.startsWith("started other"));
    expect(shown.slice(-20)).toEqual(Array.from({ length: 20 }, (_, index) => `started other job/b/${index + 81}/`));
    expect(shown.length).toBeLessThanOrEqual(21);
  });

  test("can be read, however long a build's address is", async () => {
    const name = newName();
    const bus = await connected();
    const { until } = hear(bus, name);
    await complete(name, await connected());
    const url = `https://ci.example.org/${"job/a-folder-with-a-long-name/".repeat(40)}1/`;
    await collectorOf(bus, name).round({ n: [url] });
    expect((await until(url, "started")).build.url).toBe(url);
    const kept = await bus.history(channels.completion, subjects.completionsOf(name), { limit: 10 });
    expect(kept.map(({ data }) => data.build.url)).toEqual([url]);
  });
});

describe("over a restart", () => {
  test("nothing is told twice, and what ended meanwhile is told", async () => {
    const name = newName();
    const bus = await connected();
    const collector = collectorOf(bus, name);
    const { until, told } = hear(bus, name);
    const first = await complete(name, await connected());
    await collector.round({ n: ["job/a/1/"], o: ["job/b/1/"], p: [] });
    await until("job/b/1/", "started");
    await first.stop();
    await collector.round({ n: ["job/a/1/"], o: [], p: ["job/c/1/"] });
    await complete(name, await connected());
    await until("job/b/1/", "finished");
    await until("job/c/1/", "started");
    await collector.round({ n: [], o: [], p: ["job/c/1/"] });
    await until("job/a/1/", "finished");
    expect(told().toSorted()).toEqual([
      "finished n job/a/1/",
      "finished o job/b/1/",
      "started n job/a/1/",
      "started o job/b/1/",
      "started p job/c/1/",
    ]);
  });

  test("a process that waits for its turn tells nothing, and misses nothing when it comes", async () => {
    const name = newName();
    const bus = await connected();
    const collector = collectorOf(bus, name);
    const { until, told } = hear(bus, name);
    const first = await complete(name, await connected());
    await collector.round({ n: ["job/a/1/"] });
    await until("job/a/1/", "started");
    const second = await complete(name, await connected());
    expect(second.completions.status().state).toBe("waiting");
    await collector.round({ n: ["job/a/2/"] });
    await until("job/a/2/", "started");
    await until("job/a/1/", "finished");
    await first.stop();
    await collector.round({ n: [] });
    await until("job/a/2/", "finished");
    expect(new Set(told()).size).toBe(told().length);
  });

  test("a process that lost its lease and holds it again tells what happened in between", async () => {
    const name = newName();
    const base = await connected();
    const { until, told } = hear(base, name);
    let held = true;
    let tell: ((held: boolean, reason: string) => void) | undefined;
    const bus: Bus = {
      ...base,
      lease: (_key, more) => {
        tell = more?.onChange;
        queueMicrotask(() => tell?.(true, "held"));
        return { isHeld: () => held, held: Promise.resolve(), release: async () => undefined };
      },
    };
    const collector = collectorOf(base, name);
    const { completions } = await complete(name, bus);
    await collector.round({ n: ["job/a/1/"], o: ["job/b/1/"] });
    await until("job/b/1/", "started");
    held = false;
    tell?.(false, "lost");
    await collector.round({ n: [], o: ["job/b/1/"] });
    await collector.round({ n: ["job/a/2/"], o: ["job/b/1/"] });
    expect(completions.status().state).toBe("waiting");
    held = true;
    tell?.(true, "held");
    await until("job/a/2/", "started");
    await until("job/a/1/", "finished");
    expect(told()).toHaveLength(4);
  });
});

test("a fact that NATS did not take is told as soon as it does", async () => {
  const name = newName();
  const base = await connected();
  let away = true;
  const refused = Promise.withResolvers<void>();
  const bus: Bus = {
    ...base,
    publish: (channel, ...rest) => {
      if (!away || channel.name !== "completion") return base.publish(channel, ...rest);
      refused.resolve();
      return Promise.reject(new KubestackError("bus-unavailable", "NATS did not take it."));
    },
  };
  const { until, told } = hear(base, name);
  await complete(name, bus);
  const collector = collectorOf(base, name);
  await collector.round({ n: ["job/a/1/"] });
  await refused.promise;
  away = false;
  await collector.round({ n: ["job/a/1/"] });
  await until("job/a/1/", "started");
  expect(told()).toEqual(["started n job/a/1/"]);
});
