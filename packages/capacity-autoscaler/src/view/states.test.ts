import { describe, expect, test } from "vitest";
import { podStateOf, poolIn } from "./states.ts";

const pools = [
  { name: "any", nodeLabels: { ci: "true" } },
  { name: "spot", nodeLabels: { ci: "true", spot: "true" } },
];

test.each([
  [{ ci: "true" }, "any"],
  [{ ci: "true", spot: "true", zone: "a" }, "spot"],
  [{ ci: "false" }, null],
])("a node with %j is of pool %s", (labels, pool) => expect(poolIn(labels, pools)).toBe(pool));

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
});
