import type { PodNeeds, Requirement, Toleration } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import type { Taint } from "../pool.ts";
import { type Host, refusalOf } from "./refusal.ts";
import { printAmount } from "./space.ts";

const host = (of: Partial<Host> = {}): Host => ({ labels: { arch: "amd64", generation: "7" }, taints: [], ...of });
const taken = (needs: Partial<PodNeeds>, of: Partial<Host> = {}) =>
  refusalOf({ requests: {}, ...needs }, host(of)) === undefined;

describe("node affinity", () => {
  test.each<[requirement: Requirement, isMet: boolean]>([
    [{ key: "arch", operator: "In", values: ["amd64", "arm64"] }, true],
    [{ key: "arch", operator: "In", values: ["arm64"] }, false],
    [{ key: "arch", operator: "NotIn", values: ["arm64"] }, true],
    [{ key: "gpu", operator: "NotIn", values: ["a"] }, true],
    [{ key: "arch", operator: "Exists" }, true],
    [{ key: "gpu", operator: "Exists" }, false],
    [{ key: "gpu", operator: "DoesNotExist" }, true],
    [{ key: "generation", operator: "Gt", values: ["6"] }, true],
    [{ key: "generation", operator: "Gt", values: ["7"] }, false],
    [{ key: "generation", operator: "Lt", values: ["10"] }, true],
    [{ key: "gpu", operator: "Lt", values: ["10"] }, false],
    [{ key: "metadata.name", operator: "In", values: ["n1"] }, false],
  ])("%j: %s", (requirement, isMet) => expect(taken({ affinity: [[requirement]] })).toBe(isMet));

  test("one term is enough, of which all must be met", () => {
    const [arm, amd]: Requirement[] = [
      { key: "arch", operator: "In", values: ["arm64"] },
      { key: "arch", operator: "Exists" },
    ];
    expect([[[arm], [amd]], [[arm, amd]]].map((affinity) => taken({ affinity: affinity as Requirement[][] }))).toEqual([
      true,
      false,
    ]);
    expect(refusalOf({ requests: {}, affinity: [[arm as Requirement]] }, host())).toBe(
      "its nodes are not as the pod's node affinity wants them: arch In (arm64)",
    );
  });

  test("a node that is there is known by its name", () => {
    const affinity: Requirement[][] = [[{ key: "metadata.name", operator: "In", values: ["n1"] }]];
    expect(taken({ affinity }, { name: "n1" })).toBe(true);
  });
});

describe("taints", () => {
  const taint: Taint = { key: "ci", value: "spot", effect: "NoSchedule" };
  test.each<[toleration: Toleration, isTolerated: boolean]>([
    [{ key: "ci", value: "spot" }, true],
    [{ key: "ci", value: "spot", effect: "NoSchedule" }, true],
    [{ key: "ci", value: "spot", effect: "NoExecute" }, false],
    [{ key: "ci", value: "other" }, false],
    [{ key: "ci" }, false],
    [{ key: "ci", operator: "Exists" }, true],
    [{ operator: "Exists" }, true],
    [{ key: "other", operator: "Exists" }, false],
  ])("%j: %s", (toleration, isTolerated) => {
    expect(taken({ tolerations: [toleration] }, { taints: [taint] })).toBe(isTolerated);
  });

  test("that only prefer are borne", () =>
    expect(taken({}, { taints: [{ ...taint, effect: "PreferNoSchedule" }] })).toBe(true));
});

test.each<[zones: string[], of: Partial<Host>, isTaken: boolean]>([
  [["a"], { labels: { "topology.kubernetes.io/zone": "a" } }, true],
  [["a"], { labels: { "topology.kubernetes.io/zone": "b" } }, false],
  [["a"], { zones: ["a", "b"] }, true],
  [["c"], { zones: ["a", "b"] }, false],
  [["a"], {}, false],
])("volumes in %j on %j: %s", (zones, of, isTaken) => expect(taken({ zones }, of)).toBe(isTaken));

test.each([
  ["cpu", 1500, "1500m cpu"],
  ["cpu", 2000, "2 cpu"],
  ["memory", 2 ** 32, "4Gi memory"],
  ["memory", 1.5 * 2 ** 30, "1.5Gi memory"],
  ["ephemeral-storage", 512 * 2 ** 20, "512Mi ephemeral-storage"],
  ["nvidia.com/gpu", 2, "2 nvidia.com/gpu"],
])("%s %d is told as %s", (resource, amount, told) => expect(printAmount(resource, amount)).toBe(told));
