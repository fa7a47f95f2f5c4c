import type { WantedLabel } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { jobLimit, LabelMemory } from "./label-memory.ts";
import { queueEntry } from "./queue-entry.fixture.ts";

const pipeline = {
  taskClass: "org.jenkinsci.plugins.workflow.support.steps.ExecutorStepExecution$PlaceholderTask",
} as const;
const on = (name: string) => `Waiting for next available executor on ‘${name}’`;

/** A master whose job configurations take a time to read, and a clock that this time passes on. */
function setUp(options: { takesMs?: number; labels?: (url: string) => WantedLabel } = {}) {
  let now = 0;
  const asked: string[] = [];
  const memory = new LabelMemory(
    {
      readJobLabel: async (url) => {
        asked.push(url.replace(/^.*\/job\/(.*)\/$/, "$1"));
        now += options.takesMs ?? 0;
        return options.labels?.(url) ?? { kind: "expression", expression: `of-${asked.at(-1)}` };
      },
    },
    () => now,
  );
  const find = (
    entries: Parameters<LabelMemory["find"]>[0],
    fleet: { session?: string | null; nodes?: string[] } = {},
  ) =>
    memory.find(entries, {
      session: fleet.session === undefined ? "s" : fleet.session,
      isNode: (name) => fleet.nodes?.includes(name) ?? false,
    });
  return {
    asked,
    find,
    pass: (ms: number) => {
      now += ms;
    },
    labels: async (...of: Parameters<typeof find>) =>
      (await find(...of)).map(({ wants, origin }) => [
        wants.kind === "expression" ? wants.expression : wants.kind,
        origin,
      ]),
  };
}

describe("the label of an item", () => {
  test("is what the item tells, before anything else is asked", async () => {
    const { labels, asked } = setUp();
    expect(
      await labels([queueEntry("1", "a", { labelExpression: "x" }), queueEntry("2", "b", { why: on("y") })]),
    ).toEqual([
      ["x", "labelExpression"],
      ["y", "why"],
    ]);
    expect(asked).toEqual([]);
  });

  test("is its job's, where the item tells none; the configuration is read once for all its items", async () => {
    const { labels, asked } = setUp();
    expect(await labels([queueEntry("1", "a"), queueEntry("2", "a"), queueEntry("3", "b")])).toEqual([
      ["of-a", "config.xml"],
      ["of-a", "config.xml"],
      ["of-b", "config.xml"],
    ]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("is remembered while the item is listed, though it tells it no more", async () => {
    const { labels, asked } = setUp();
    const entry = (why: string) => queueEntry("1", "p", { ...pipeline, why });
    expect(await labels([entry(on("python"))])).toEqual([["python", "why"]]);
    expect(await labels([entry("")])).toEqual([["python", "remembered"]]);
    expect(await labels([entry("")])).toEqual([["python", "remembered"]]);
    expect(asked).toEqual([]);
  });

  test.each<[string, ReturnType<typeof queueEntry>[][], { session?: string | null }]>([
    ["it was not listed for a round", [[]], {}],
    ["the master was started anew", [], { session: "t" }],
  ])("is forgotten where %s", async (_, between, then) => {
    const { labels, find } = setUp();
    await find([queueEntry("1", "p", { ...pipeline, why: on("python") })]);
    for (const entries of between) await find(entries);
    expect(await labels([queueEntry("1", "p", pipeline)], then)).toEqual([["unknown", "none"]]);
  });

  test("is not another item's that has the same id since", async () => {
    const { labels, find } = setUp();
    await find([queueEntry("1", "p", { ...pipeline, why: on("python") })], { session: null });
    const again = queueEntry("1", "p", { ...pipeline, inQueueSince: 77 });
    expect(await labels([again], { session: null })).toEqual([["unknown", "none"]]);
  });

  test("of a continued pipeline block is the node that it waits for; one seen with its label keeps that", async () => {
    const node = "ks-m-abcd1";
    const { labels, find } = setUp();
    const continued = queueEntry("1", "p", { ...pipeline, why: on(node) });
    expect(await labels([continued], { nodes: [node] })).toEqual([[JSON.stringify(node), "why"]]);
    const seen = (why: string) => queueEntry("2", "p", { ...pipeline, why });
    await find([seen(on("python"))], { nodes: [node] });
    expect(await labels([seen(on(node))], { nodes: [node] })).toEqual([["python", "remembered"]]);
  });
});

describe("an unknown label", () => {
  const because = async (found: Promise<{ wants: WantedLabel }[]>) =>
    (await found).map(({ wants }) => (wants.kind === "unknown" ? wants.because : wants.kind));

  test("says why: hidden, unreadable, or not read yet", async () => {
    const { find } = setUp({
      takesMs: 600,
      labels: (url) =>
        url.includes("secret")
          ? { kind: "unknown", because: "user kubestack may not read its configuration (Extended Read)" }
          : { kind: "any" },
    });
    const entries = [
      queueEntry("1", "p", pipeline),
      queueEntry("2", "secret"),
      queueEntry("3", "b"),
      queueEntry("4", "c"),
    ];
    expect(await because(find(entries))).toEqual([
      "the master hides it: it shows the label of a pipeline block only while a node has that label",
      "user kubestack may not read its configuration (Extended Read)",
      "any",
      "there was no time yet to read its job's configuration",
    ]);
  });

  test("is not remembered: it is looked for again", async () => {
    const { find, pass, asked } = setUp({ takesMs: 600 });
    const entries = ["1", "2", "3"].map((id) => queueEntry(id, `job-${id}`));
    expect(await because(find(entries))).toEqual(["expression", "expression", expect.stringContaining("no time yet")]);
    pass(2000);
    expect(await because(find(entries))).toEqual(["expression", "expression", "expression"]);
    expect(asked).toEqual(["job-1", "job-2", "job-3"]);
  });
});

describe("the memory of jobs", () => {
  test("reads a configuration again after five minutes, and for a new item only", async () => {
    const { find, pass, asked } = setUp();
    await find([queueEntry("1", "a")]);
    pass(5 * 60_000 - 1);
    await find([queueEntry("2", "a")]);
    expect(asked).toEqual(["a"]);
    pass(1);
    await find([queueEntry("2", "a")]);
    expect(asked).toEqual(["a"]);
    await find([queueEntry("3", "a")]);
    expect(asked).toEqual(["a", "a"]);
  });

  test("answers with what is known where there is no time to read it again", async () => {
    const { labels, pass } = setUp({ takesMs: 1000 });
    await labels([queueEntry("1", "a")]);
    await labels([queueEntry("2", "b")]);
    pass(5 * 60_000);
    expect(await labels([queueEntry("3", "b"), queueEntry("4", "a")])).toEqual([
      ["of-b", "config.xml"],
      ["of-a", "config.xml"],
    ]);
  });

  test("is bounded: the job that was not asked for longest is forgotten", async () => {
    const { find, asked } = setUp();
    const of = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => queueEntry(String(from + at), `j${from + at}`));
    await find(of(0, jobLimit));
    await find([queueEntry("a", "j0")]);
    await find([queueEntry("b", "new")]);
    asked.length = 0;
    await find([queueEntry("c", "j0"), queueEntry("d", "new"), queueEntry("e", "j2")]);
    expect(asked).toEqual([]);
    await find([queueEntry("f", "j1")]);
    expect(asked).toEqual(["j1"]);
  });
});
