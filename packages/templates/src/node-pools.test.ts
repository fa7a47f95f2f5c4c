import { expect, test } from "vitest";
import { onPools, type PoolPlace } from "./node-pools.ts";
import { needsOf } from "./pod-needs.ts";
import { template } from "./template.fixture.ts";

const spot: PoolPlace = {
  name: "spot",
  nodeLabels: { pool: "ci-spot" },
  taints: [{ key: "ci-spot", effect: "NoSchedule" }],
};
const steady: PoolPlace = {
  name: "on-demand",
  nodeLabels: { pool: "ci", arch: "amd64" },
  taints: [
    { key: "ci-spot", effect: "NoSchedule" },
    { key: "soft", effect: "PreferNoSchedule" },
  ],
};
const placed = (pools: string[] | undefined, entry: Record<string, unknown> = {}) =>
  onPools({ ...template(entry), pools }, [spot, steady]);
const within = (name: string, operator: string, ...values: string[]) => ({ key: name, operator, values });

test("one pool is a node selector, and its taints are tolerated beside what is tolerated already", () => {
  const { pod } = placed(["spot"], { pod: { spec: { nodeSelector: { disk: "ssd" } } } });
  expect(pod.metadata).toMatchObject({ annotations: { "kubestack.io/pools": '["spot"]' } });
  expect(pod.spec).toMatchObject({ nodeSelector: { disk: "ssd", pool: "ci-spot" } });
  const { tolerations } = needsOf({ ...placed(["spot"]) });
  expect(tolerations?.slice(-1)).toEqual([{ key: "ci-spot", effect: "NoSchedule" }]);
  expect(tolerations?.length).toBe(3);
});

test("several pools are terms of node affinity, each with all that the template requires already", () => {
  const required = { nodeSelectorTerms: [{ matchExpressions: [within("disk", "In", "ssd")] }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  const needs = needsOf(placed(["on-demand", "spot"], { pod: { spec: { affinity } } }));
  const disk = within("disk", "In", "ssd");
  expect(needs.affinity).toEqual([
    [disk, within("pool", "In", "ci"), within("arch", "In", "amd64")],
    [disk, within("pool", "In", "ci-spot")],
  ]);
  expect([needs.pools, needs.tolerations?.length]).toEqual([["on-demand", "spot"], 3]);
});

test("pods go to nodes that have slaves already, unless their template says where they gather", () => {
  const gathered = (entry: Record<string, unknown>, pools: string[]) =>
    (placed(pools, entry).pod.spec as { affinity: { podAffinity: unknown } }).affinity.podAffinity;
  const wish = [
    {
      weight: 100,
      podAffinityTerm: {
        topologyKey: "kubernetes.io/hostname",
        labelSelector: { matchExpressions: [{ key: "kubestack.io/slave", operator: "Exists" }] },
      },
    },
  ];
  for (const pools of [["spot"], ["spot", "on-demand"]])
    expect(gathered({}, pools)).toEqual({ preferredDuringSchedulingIgnoredDuringExecution: wish });
  const own = { requiredDuringSchedulingIgnoredDuringExecution: [] };
  expect(gathered({ pod: { spec: { affinity: { podAffinity: own } } } }, ["spot"])).toEqual(own);
});

test.each([[undefined], [["unknown"]]])("with pools %j a template is as it was", (pools) => {
  const before = { ...template(), pools };
  expect(onPools(before, [spot])).toBe(before);
});
