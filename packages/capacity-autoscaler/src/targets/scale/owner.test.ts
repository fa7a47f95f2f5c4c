import { expect, test } from "vitest";
import { ownerIn } from "./owner.ts";

test.each<[string, Readonly<Record<string, string>>, string | null]>([
  ["without a mark", { team: "ci" }, null],
  [
    "with Cluster API's limits for cluster-autoscaler",
    { "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "5" },
    "cluster-autoscaler (cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size)",
  ],
  [
    "with cluster-autoscaler's own",
    { "k8s.io/cluster-autoscaler/enabled": "true" },
    "cluster-autoscaler (k8s.io/cluster-autoscaler/enabled)",
  ],
  ["of Karpenter", { "karpenter.sh/nodepool": "a" }, "Karpenter (karpenter.sh/nodepool)"],
  ["of KEDA", { "scaledobject.keda.sh/name": "a" }, "KEDA (scaledobject.keda.sh/name)"],
  [
    "whose replicas somebody manages",
    { "cluster.x-k8s.io/replicas-managed-by": "external-autoscaler" },
    "external-autoscaler (cluster.x-k8s.io/replicas-managed-by)",
  ],
  ["whose replicas we manage", { "cluster.x-k8s.io/replicas-managed-by": "kubestack" }, null],
])("a group %s", (_, pairs, owner) => expect(ownerIn(pairs)).toBe(owner));
