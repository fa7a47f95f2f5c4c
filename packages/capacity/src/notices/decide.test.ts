import { describe, expect, test } from "vitest";
import { asked, decided as capacity, needs, node, pod } from "../capacity.fixture.ts";
import { decideNotices, noticeOf } from "./decide.ts";
import { noticeConditions, noticeTaints } from "./known.ts";

const tainted = (key: string, value?: string) => node("n1", { taints: [{ key, value, effect: "NoSchedule" }] });

describe("who says that a node goes", () => {
  test.each(noticeTaints)("the taint $key", ({ key, value, kind, by }) => {
    expect(noticeOf(tainted(key, value ?? "x"))).toMatchObject({
      kind,
      reason: expect.stringContaining(`(${key}, by ${by})`),
    });
  });

  test.each(noticeConditions)("the condition $key", ({ key, kind }) => {
    expect(noticeOf(node("n1", { conditions: ["Ready", key] }))?.kind).toBe(kind);
  });

  test.each([
    ["DeletionCandidateOfClusterAutoscaler", undefined],
    ["karpenter.sh/disruption", "other"],
    ["node.kubernetes.io/unschedulable", undefined],
    ["kubernetes.azure.com/scalesetpriority", "spot"],
  ])("the taint %s with value %s says nothing", (key, value) => expect(noticeOf(tainted(key, value))).toBeUndefined());
});

describe("what follows", () => {
  const slaves = new Map([
    ["s1", "idle"],
    ["s2", "busy"],
    ["s3", "starting"],
    ["s4", "leaving"],
    ["s5", "idle"],
  ] as const);
  const pods = [...slaves.keys()].map((name) => pod(name, { node: name === "s5" ? "n2" : "n1" }));
  const nodes = [tainted("aws-node-termination-handler/spot-itn"), node("n2")];

  test("those without a build leave at once, busy ones are told, and room for all of them is brought up first", () => {
    const decision = decideNotices({ nodes, pods, slaves });
    const reason =
      "node n1: its machine is taken back (aws-node-termination-handler/spot-itn, by aws-node-termination-handler)";
    expect(decision.withdraw).toEqual(["s1", "s3"].map((slave) => ({ slave, node: "n1", reason })));
    expect(decision.endangered).toEqual([{ slave: "s2", node: "n1", reason }]);
    expect(decision.successors.flatMap(({ names }) => names)).toEqual(
      ["s1", "s2", "s3"].map((name) => `successor of ${name}`),
    );
    const full = pod("x", { node: "n2", kind: "other", needs: needs({}, 6000) });
    expect(asked(capacity({ nodes, pods: [...pods, full], wanted: decision.successors }))).toEqual({ a: 1 });
  });

  test("a slave of which nothing is known counts as busy", () => {
    expect(decideNotices({ nodes, pods, slaves: new Map() }).endangered).toHaveLength(4);
  });

  test("a pod that is disrupted is enough", () => {
    const disrupted = [pod("s5", { node: "n2", disruption: "TerminationByKubelet" })];
    expect(decideNotices({ nodes: [], pods: disrupted, slaves }).withdraw).toEqual([
      { slave: "s5", node: "n2", reason: "its pod is disrupted (TerminationByKubelet)" },
    ]);
  });

  test("of other pods, and of pods on their way out, nothing", () => {
    const others = [pod("x", { node: "n1", kind: "other" }), pod("s1", { node: "n1", isEnding: true })];
    expect(decideNotices({ nodes, pods: others, slaves })).toMatchObject({
      withdraw: [],
      endangered: [],
      successors: [],
    });
  });
});

test("nothing new is placed on a node that goes", () => {
  const wanted = [{ needs: needs(), names: ["s1"] }];
  const nodes = [node("n1", { conditions: ["PreemptScheduled"] })];
  expect(asked(capacity({ nodes, wanted }))).toEqual({ a: 1 });
});
