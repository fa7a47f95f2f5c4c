import type { NodeObservation } from "@kubestack/kubernetes";
import { describe, expect, test } from "vitest";
import { nodeStateOf, podStateOf } from "./states.ts";

const emptyNode: NodeObservation = {
  ...{ name: "n", uid: "u", labels: {}, annotations: {}, taints: [], allocatable: {}, isReady: true },
  ...{ conditions: [], isCordoned: false, providerId: null, createdAt: 0, isGoing: false },
};

describe("a node", () => {
  const node = {
    name: "n",
    uid: "u",
    labels: { pool: "spot" },
    annotations: {},
    taints: [
      { key: "ci", effect: "NoSchedule" as const },
      { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" as const },
    ],
    allocatable: { cpu: 4000, pods: 110 },
    isReady: true,
    conditions: ["Ready"],
    isCordoned: false,
    providerId: null,
    createdAt: 5,
    isGoing: false,
  };
  const pools = [{ name: "p", nodeLabels: { pool: "spot" } }];
  test.each([
    ["that is ready has room at once", {}, { pool: "p", isReady: true, taints: [{ key: "ci", effect: "NoSchedule" }] }],
    ["that is not ready keeps its taint", { isReady: false }, { isReady: false, taints: node.taints }],
    ["that is going takes no pod any more", { isGoing: true }, { isCordoned: true }],
    ["that somebody else closed stays closed", { isCordoned: true }, { isCordoned: true }],
    [
      "that we closed and that stays after all counts as open",
      {
        isCordoned: true,
        annotations: { "kubestack.io/leaving": "idle" },
        taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" as const }],
      },
      { isCordoned: false, taints: [] },
    ],
    ["of no pool is nobody's", { labels: {} }, { pool: null }],
  ])("%s", (_, change, state) => expect(nodeStateOf({ ...node, ...change }, pools, false)).toMatchObject(state));
});

test("a node that we closed is closed as long as it is on its way out", () => {
  const closed = { isCordoned: true, annotations: { "kubestack.io/leaving": "idle" } };
  expect(nodeStateOf({ ...emptyNode, ...closed }, [], true).isCordoned).toBe(true);
});

describe("a pod", () => {
  const pod = {
    name: "p",
    namespace: "ci",
    node: null,
    needs: { requests: {} },
    marks: {},
    madeBy: null,
    isEnding: false,
    disruption: null,
  };
  const slave = { "kubestack.io/slave": "p", "kubestack.io/install": "here" };
  test.each([
    ["of this installation is a slave", { marks: slave }, "slave"],
    ["of another installation is not ours", { marks: { ...slave, "kubestack.io/install": "there" } }, "other"],
    ["that holds a place", { marks: { "kubestack.io/headroom": "here" } }, "headroom"],
    ["of a DaemonSet", { madeBy: "DaemonSet" }, "daemon"],
    ["that its node has of itself", { madeBy: "Node" }, "daemon"],
    ["of a Deployment is not ours", { madeBy: "ReplicaSet" }, "other"],
  ])("%s", (_, more, kind) => expect(podStateOf({ ...pod, ...more }, "here").kind).toBe(kind));

  test("that follows a lost one is its slave's, whatever it is called", () => {
    expect(podStateOf({ ...pod, name: "p-2", marks: slave }, "here").slave).toBe("p");
    expect(podStateOf({ ...pod, marks: slave }, "here").slave).toBeUndefined();
  });
});
