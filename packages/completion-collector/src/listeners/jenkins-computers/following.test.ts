import { KubestackError } from "@kubestack/contracts";
import type { Build, Master, QueueItemFate } from "@kubestack/jenkins";
import { createLogger } from "@kubestack/runtime";
import { describe, expect, test } from "vitest";
import type { Finding, Shown } from "../listener.ts";
import { Following } from "./following.ts";

const away = new KubestackError("master-unavailable", "The master does not answer.");
const missing = new KubestackError("not-found", "There is no such build.");

type Told = QueueItemFate | null | KubestackError;

/** A master that tells one fate and one build, and notes what it was asked. */
function masterOf(fate: Told, build: Partial<Build> | KubestackError = {}) {
  const asked: string[] = [];
  const whole = {
    job: "a",
    number: 7,
    building: false,
    result: "SUCCESS",
    builtOn: "ks-1",
    timestamp: 0,
    durationMs: 9,
  };
  const master = {
    readQueueItem: async (id: string) => {
      asked.push(id);
      if (fate instanceof Error) throw fate;
      return fate;
    },
    readBuild: async () => {
      if (build instanceof Error) throw build;
      return { ...whole, ...build };
    },
    readNewestBuild: async (job: string) => {
      asked.push(job);
      return null;
    },
  } as unknown as Master;
  return { master, asked };
}

const round = (at: number, items: readonly string[], session = "s"): Shown => ({
  kind: "round",
  computers: [{ name: "ks-1", online: true, markedOffline: false, idle: true, executors: 1, labels: null, builds: [] }],
  readAt: at,
  queue: { items: items.map((id) => ({ id, url: "http://m/job/a/" })), session },
});

/** Lets an item leave unseen, and so many rounds pass, two seconds apart. */
async function follow(master: Master, rounds: number) {
  const found: Finding[] = [];
  const following = new Following({
    master,
    log: createLogger({ level: "silent" }),
    found: async (finding) => void found.push(finding),
  });
  following.saw(round(0, ["1"]));
  for (let number = 1; number <= rounds; number += 1) {
    following.saw(round(number * 2000, []));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await following.stop();
  return { found, following };
}

const build: QueueItemFate = { kind: "build", number: 7, url: "http://m/job/a/7/" };

test("a build that no reading showed is told from its queue item, begun and over, by the reading's time", async () => {
  const { master, asked } = masterOf(build);
  const { found } = await follow(master, 6);
  const placed = { node: "ks-1", build: { url: build.url, number: 7, item: "1" } };
  expect(found).toEqual([
    { phase: "started", ...placed, result: null, at: 4000 },
    { phase: "finished", ...placed, result: "SUCCESS", at: 4000 },
  ]);
  expect(asked).toEqual(["1"]);
});

describe("nothing is told of an item", () => {
  test.each<[string, Told, Partial<Build> | KubestackError, number]>([
    ["that was cancelled", { kind: "cancelled" }, {}, 1],
    ["whose build ran on the master itself", build, { builtOn: "" }, 1],
    ["whose build was deleted", build, missing, 1],
    ["whose build names no node after three tries: a pipeline's", build, { builtOn: null }, 3],
    ["that waits again, and is asked for with growing pauses", { kind: "waiting" }, {}, 4],
    ["whose build still runs: readings show it", build, { building: true, result: null }, 4],
    ["while the master does not answer", away, {}, 4],
  ])("%s", async (_, fate, of, times) => {
    const { master, asked } = masterOf(fate, of);
    const { found } = await follow(master, 12);
    expect(found).toEqual([]);
    expect(asked).toHaveLength(times);
  });
});

describe("where the master tells no item's fate, its job's youngest builds are looked at", () => {
  const silent = new KubestackError("not-found", "no such item");

  /** A master like Hudson, whose job has builds of these kinds, oldest first. */
  function hudson(...builds: ("over" | "running" | "deleted" | "elsewhere")[]) {
    const asked: string[] = [];
    const master = {
      readQueueItem: async (id: string) => {
        asked.push(`item ${id}`);
        return null;
      },
      readNewestBuild: async () => {
        asked.push("newest");
        return builds.length === 0 ? null : { number: builds.length, url: `http://m/job/a/${builds.length}/` };
      },
      readBuild: async (url: string) => {
        const number = Number(/(\d+)\/$/.exec(url)?.[1]);
        asked.push(`build ${number}`);
        const kind = builds[number - 1];
        if (kind === "deleted") throw silent;
        const builtOn = kind === "elsewhere" ? "ks-gone" : "ks-1";
        return { number, building: kind === "running", result: "FAILURE", builtOn };
      },
    } as unknown as Master;
    return { master, asked };
  }

  test("those that are over, on a node that is there, are told; the item is asked for no more", async () => {
    const { master, asked } = hudson("over", "over", "deleted", "over", "elsewhere", "running");
    const { found } = await follow(master, 6);
    expect(found.map(({ phase, build: { url }, result }) => [phase, url, result])).toEqual([
      ["started", "http://m/job/a/4/", null],
      ["finished", "http://m/job/a/4/", "FAILURE"],
    ]);
    // One item left: three builds beside the one that runs are enough.
    expect(asked).toEqual(["item 1", "newest", "build 6", "build 5", "build 4", "build 3"]);
  });

  test("those that began since are passed over: many that waited before a restart are handed out at once after it", async () => {
    const { master, asked } = hudson("over", ...Array.from({ length: 30 }, () => "running" as const));
    const found: Finding[] = [];
    const following = new Following({
      master,
      log: createLogger({ level: "silent" }),
      found: async (finding) => void found.push(finding),
    });
    const numbers = Array.from({ length: 28 }, (_, at) => at + 4);
    const builds = numbers.map((number) => ({ number, url: `http://m/job/a/${number}/` }));
    const shown = {
      name: "ks-2",
      online: true,
      markedOffline: false,
      idle: false,
      executors: 30,
      labels: null,
      builds,
    };
    const [free] = round(0, []).computers;
    following.saw(round(0, ["1"]));
    for (const at of [2000, 4000]) {
      following.saw({ ...round(at, [], "t"), computers: free === undefined ? [shown] : [free, shown] });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await following.stop();
    expect(found.map(({ phase, build: { number } }) => [phase, number])).toEqual([
      ["started", 1],
      ["finished", 1],
    ]);
    // Those that a reading showed need no asking.
    expect(asked).toEqual(["item 1", "newest", "build 3", "build 2", "build 1"]);
  });

  test("all items of a job that left are settled by one look, and no item is asked for again until a restart", async () => {
    const { master, asked } = hudson("over");
    const following = new Following({ master, log: createLogger({ level: "silent" }), found: async () => undefined });
    for (const [at, items, session] of [
      [0, ["1", "2", "3"], "s"],
      [2000, [], "s"],
      [4000, ["4"], "s"],
      [6000, [], "s"],
      [8000, [], "s"],
      [10_000, ["5"], "t"],
      [12_000, [], "t"],
      [14_000, [], "t"],
    ] as const) {
      following.saw(round(at, items, session));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await following.stop();
    const look = ["newest", "build 1"];
    expect(asked).toEqual(["item 1", ...look, ...look, "item 5", ...look]);
  });

  test("an item that a master does not tell of, since it waited before a restart, is looked for in its job, and no other is", async () => {
    const { master, asked } = hudson("over");
    const found: Finding[] = [];
    const following = new Following({
      master,
      log: createLogger({ level: "silent" }),
      found: async (finding) => void found.push(finding),
    });
    for (const [at, items, session] of [
      [0, ["1"], "s"],
      [2000, [], "t"],
      [4000, ["2"], "t"],
      [6000, [], "t"],
      [8000, [], "t"],
    ] as const) {
      following.saw(round(at, items, session));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await following.stop();
    expect(found.slice(0, 2).map(({ phase, node, at }) => [phase, node, at])).toEqual([
      ["started", "ks-1", 4000],
      ["finished", "ks-1", 4000],
    ]);
    expect(asked.filter((what) => what.startsWith("item"))).toEqual(["item 1", "item 2"]);
  });
});
