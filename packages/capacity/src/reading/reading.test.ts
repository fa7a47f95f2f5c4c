import { describe, expect, test } from "vitest";
import { pool } from "../capacity.fixture.ts";
import { nodeStateOf, poolOf } from "./node.ts";
import { podStateOf } from "./pod.ts";

const marks = { install: "prod", headroomLabel: "kubestack.io/headroom" };

test("a node as Kubernetes writes it", () => {
  const node = {
    metadata: { name: "n1", labels: { pool: "a", zone: "z" }, creationTimestamp: "2026-03-04T12:00:00Z" },
    spec: {
      unschedulable: true,
      taints: [
        { key: "ci", value: "x", effect: "NoExecute" },
        { key: "odd", effect: "?" },
      ],
    },
    status: {
      allocatable: { cpu: "7910m", memory: "31Gi", pods: "58" },
      capacity: { cpu: "8" },
      conditions: [
        { type: "Ready", status: "True" },
        { type: "MemoryPressure", status: "False" },
      ],
    },
  };
  expect(nodeStateOf(node, [pool("a")])).toEqual({
    ...{ name: "n1", pool: "a", labels: { pool: "a", zone: "z" } },
    taints: [
      { key: "ci", value: "x", effect: "NoExecute" },
      { key: "odd", effect: "NoSchedule" },
    ],
    allocatable: { cpu: 7910, memory: 31 * 2 ** 30, pods: 58 },
    ...{ isReady: true, isCordoned: true, createdAt: 1_772_625_600_000, conditions: ["Ready"] },
  });
});

test("a node of which nothing is told is nobody's, and not ready", () => {
  expect(nodeStateOf(null, [])).toMatchObject({ name: "", pool: null, isReady: false, allocatable: {} });
});

test("a node is of the pool that is known by most of its labels", () => {
  const pools = [
    { name: "all", nodeLabels: { ci: "y" } },
    { name: "spot", nodeLabels: { ci: "y", spot: "y" } },
    { name: "blank", nodeLabels: {} },
  ];
  expect([{ ci: "y" }, { ci: "y", spot: "y" }, {}].map((labels) => poolOf(labels, pools))).toEqual([
    "all",
    "spot",
    null,
  ]);
});

describe("what a pod is", () => {
  const labels = { "kubestack.io/slave": "ks-1", "kubestack.io/install": "prod" };
  test.each<[what: string, metadata: object, kind: string]>([
    ["a slave of ours", { labels }, "slave"],
    ["a slave of another installation", { labels: { ...labels, "kubestack.io/install": "test" } }, "other"],
    ["a placeholder", { labels: { "kubestack.io/headroom": "a" } }, "headroom"],
    ["a daemon's", { ownerReferences: [{ kind: "DaemonSet" }] }, "daemon"],
    ["one that its node has of itself", { ownerReferences: [{ kind: "Node" }] }, "daemon"],
    ["somebody's", { ownerReferences: [{ kind: "ReplicaSet" }] }, "other"],
  ])("%s", (_what, metadata, kind) => expect(podStateOf({ metadata }, marks)?.kind).toBe(kind));

  test("whose it is, where it follows one that was lost", () => {
    expect(["ks-1", "ks-1-2"].map((name) => podStateOf({ metadata: { name, labels } }, marks)?.slave)).toEqual([
      undefined,
      "ks-1",
    ]);
  });

  test("one that is over takes no room", () => {
    expect(["Succeeded", "Failed"].map((phase) => podStateOf({ status: { phase } }, marks))).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("where it is, whether it goes, and by what", () => {
    const pod = {
      metadata: {
        name: "p",
        namespace: "ci",
        deletionTimestamp: "2026-03-04T12:00:00Z",
        annotations: { "kubestack.io/pools": '["a","b"]' },
      },
      spec: { nodeName: "n1" },
      status: { conditions: [{ type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager" }] },
    };
    expect(podStateOf(pod, marks)).toMatchObject({
      node: "n1",
      isEnding: true,
      disruption: "DeletionByTaintManager",
      needs: { pools: ["a", "b"] },
    });
  });
});
