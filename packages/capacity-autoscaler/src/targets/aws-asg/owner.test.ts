import { expect, test } from "vitest";
import { groupOwner, instanceIn } from "./owner.ts";

test.each<[string, readonly string[], readonly string[], string | null]>([
  ["without tags and policies", ["team"], [], null],
  [
    "that cluster-autoscaler finds by its tag",
    ["k8s.io/cluster-autoscaler/enabled"],
    [],
    "cluster-autoscaler (tag k8s.io/cluster-autoscaler/enabled)",
  ],
  ["that only says what its nodes are", ["k8s.io/cluster-autoscaler/node-template/label/pool"], [], null],
  ["of Karpenter", ["karpenter.sh/nodepool"], [], "Karpenter (tag karpenter.sh/nodepool)"],
  ["with a scaling policy", [], ["cpu50"], "its scaling policy cpu50"],
])("a group %s", (_, tags, policies, owner) => expect(groupOwner(tags, policies)).toBe(owner));

test.each([
  ["aws:///eu-central-1a/i-0123456789abcdef0", "i-0123456789abcdef0"],
  ["gce://project/zone/name", undefined],
  [null, undefined],
])("a node of %s", (providerId, instance) => expect(instanceIn(providerId)).toBe(instance));
