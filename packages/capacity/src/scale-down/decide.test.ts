import type { Removal } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { minuteMs, needs, node, pod, pool } from "../capacity.fixture.ts";
import { decideRemovals } from "./decide.ts";
import type { ScaleDownSituation } from "./situation.ts";

const now = 100 * minuteMs;
const removal = (step: Removal["step"], of: Partial<Removal> = {}): Removal => ({
  node: "n1",
  pool: "a",
  step,
  since: now - minuteMs,
  reason: "r",
  ...of,
});
const longUnneeded = removal("unneeded", { since: now - 5 * minuteMs });
const on = (name: string, of: Parameters<typeof pod>[1] = {}) => pod(name, { node: "n1", ...of });

function decided(of: Partial<ScaleDownSituation> = {}) {
  return decideRemovals({
    ...{ pools: [pool("a")], nodes: [node("n1")], pods: [], slaves: new Map(), removals: [], now },
    ...{ expecting: new Set<string>(), kept: new Map<string, string>(), looks: new Map(), canRemove: () => true },
    ...of,
  });
}
const steps = (of: Partial<ScaleDownSituation>) => {
  const { removals, intents } = decided(of);
  return [
    removals.map(({ node: name, step }) => `${name} ${step}`),
    intents.map(({ type, node: name }) => `${type} ${name}`),
  ];
};
const cordoned = node("n1", { isCordoned: true });

describe("one step after the other", () => {
  test.each<[what: string, of: Partial<ScaleDownSituation>, removals: string[], intents: string[]]>([
    ["an empty node is unneeded", {}, ["n1 unneeded"], []],
    ["and stays so for its pool's delay", { removals: [removal("unneeded")] }, ["n1 unneeded"], []],
    ["one that never became ready, too", { nodes: [node("n1", { isReady: false })] }, ["n1 unneeded"], []],
    ["then it is cordoned", { removals: [longUnneeded] }, ["n1 cordoned"], ["cordon n1"]],
    ["again until it is", { removals: [removal("cordoned")] }, ["n1 cordoned"], ["cordon n1"]],
    [
      "its idle slaves are withdrawn",
      { removals: [removal("cordoned")], nodes: [cordoned], pods: [on("s1")], slaves: new Map([["s1", "idle"]]) },
      ["n1 withdrawing"],
      ["withdraw n1"],
    ],
    [
      "one that took a build ends it first",
      { removals: [removal("withdrawing")], nodes: [cordoned], pods: [on("s1")], slaves: new Map([["s1", "busy"]]) },
      ["n1 withdrawing"],
      [],
    ],
    [
      "one of which nothing is known is waited for",
      { removals: [removal("withdrawing")], nodes: [cordoned], pods: [on("s1")] },
      ["n1 withdrawing"],
      [],
    ],
    [
      "an empty one is looked at",
      { removals: [removal("cordoned")], nodes: [cordoned] },
      ["n1 withdrawing"],
      ["look n1"],
    ],
    [
      "by a look that began after it was seen cordoned",
      {
        removals: [removal("withdrawing")],
        nodes: [cordoned],
        looks: new Map([["n1", { at: now - minuteMs, pods: [] }]]),
      },
      ["n1 withdrawing"],
      ["look n1"],
    ],
    [
      "which may show a slave that nobody knew of",
      {
        removals: [removal("withdrawing")],
        nodes: [cordoned],
        looks: new Map([["n1", { at: now - 1, pods: [{ name: "s9", kind: "slave" }] }]]),
      },
      ["n1 withdrawing"],
      ["look n1"],
    ],
    [
      "and is removed when it is empty",
      {
        removals: [removal("withdrawing")],
        nodes: [cordoned],
        looks: new Map([["n1", { at: now - 1, pods: [{ name: "d", kind: "daemon" }] }]]),
      },
      ["n1 removing"],
      ["remove n1"],
    ],
    ["again until it is gone", { removals: [removal("removing")], nodes: [cordoned] }, ["n1 removing"], ["remove n1"]],
    ["when it is gone, so is the step", { removals: [removal("removing")], nodes: [] }, [], []],
  ])("%s", (_what, of, removals, intents) => expect(steps(of)).toEqual([removals, intents]));
});

describe("a node stays", () => {
  test.each<[what: string, of: Partial<ScaleDownSituation>]>([
    ["with a busy slave", { pods: [on("s1")], slaves: new Map([["s1", "busy"]]) }],
    ["with a slave that starts", { pods: [on("s1")], slaves: new Map([["s1", "starting"]]) }],
    ["with a pod that is not ours", { pods: [on("x", { kind: "other" })] }],
    ["where waiting pods have room", { expecting: new Set(["n1"]) }],
    ["at its pool's minimum", { pools: [pool("a", { min: 1 })] }],
    ["where the target takes none by name", { canRemove: () => false }],
    ["that somebody else cordoned", { nodes: [cordoned] }],
    ["that is not ready yet", { nodes: [node("n1", { isReady: false, createdAt: now - minuteMs })] }],
    [
      "that is not ready any more, with a slave of which nobody knows what it does",
      { nodes: [node("n1", { isReady: false })], pods: [on("s1")], slaves: new Map([["s1", "idle"]]) },
    ],
    ["that is no pool's", { nodes: [node("n1", { pool: null })] }],
    ["with an idle slave that has room nowhere else", { pods: [on("s1")], slaves: new Map([["s1", "idle"]]) }],
  ])("%s", (_what, of) => expect(steps({ removals: [longUnneeded], ...of })).toEqual([[], []]));

  test("and comes back where pods need it, or another's pod came", () => {
    const leaving = { removals: [removal("withdrawing")], nodes: [cordoned] };
    expect(steps({ ...leaving, kept: new Map([["n1", "s1 needs it"]]) })).toEqual([[], ["uncordon n1"]]);
    expect(steps({ ...leaving, pods: [on("x", { kind: "other" })] })).toEqual([[], ["uncordon n1"]]);
    expect(steps({ ...leaving, removals: [removal("removing")], kept: new Map([["n1", "s1 needs it"]]) })).toEqual([
      ["n1 removing"],
      ["remove n1"],
    ]);
  });
});

test("a slave is withdrawn by its own name, whatever its pod is called", () => {
  const pods = [on("s1-2", { slave: "s1" })];
  const { intents } = decided({
    removals: [removal("withdrawing")],
    nodes: [cordoned],
    pods,
    slaves: new Map([["s1", "idle"]]),
  });
  expect(intents).toMatchObject([{ type: "withdraw", slaves: ["s1"] }]);
});

test("no more at once than the pool's budget, and no fewer nodes than its minimum", () => {
  const nodes = ["n1", "n2", "n3", "n4", "n5"].map((name) => node(name));
  const removals = nodes.map(({ name }) => removal("unneeded", { node: name, since: 0 }));
  const ofSteps = (min: number) =>
    decided({ nodes, removals, pools: [pool("a", { min })] }).removals.map(({ step }) => step);
  expect(ofSteps(0)).toEqual(["cordoned", "cordoned", "unneeded", "unneeded", "unneeded"]);
  expect(ofSteps(4)).toEqual(["cordoned"]);
  const underWay = [removal("removing"), removal("cordoned", { node: "n2" }), ...removals.slice(2)];
  expect(decided({ nodes, removals: underWay }).intents.map(({ type, node: name }) => `${type} ${name}`)).toEqual([
    "remove n1",
    "cordon n2",
  ]);
});

test("idle slaves come together on few nodes: the emptiest node leaves, if the others take its slaves", () => {
  const nodes = ["n1", "n2"].map((name) => node(name));
  const pods = [on("s1"), on("s2"), pod("s3", { node: "n2", needs: needs() })];
  const slaves = new Map(pods.map(({ name }) => [name, "idle" as const]));
  const removals = ["n1", "n2"].map((name) => removal("unneeded", { node: name, since: 0 }));
  expect(steps({ nodes, pods, slaves, removals })).toEqual([["n2 cordoned"], ["cordon n2"]]);
});
