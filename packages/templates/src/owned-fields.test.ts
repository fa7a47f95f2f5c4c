import { expect, test } from "vitest";
import type { JsonMap } from "./merge/json.ts";
import { ownedFieldFaults } from "./owned-fields.ts";

test.each<[JsonMap, string, string]>([
  [
    { metadata: { name: "x" } },
    "metadata.name",
    "is KubeStack's to say: each slave's pod has a name of its own; remove it",
  ],
  [
    { metadata: { generateName: "x" } },
    "metadata.generateName",
    "is KubeStack's to say: each slave's pod has a name of its own; remove it",
  ],
  [
    { metadata: { namespace: "x" } },
    "metadata.namespace",
    "is KubeStack's to say: pods go where kubernetes.namespace says; remove it",
  ],
  [
    { metadata: { ownerReferences: [] } },
    "metadata.ownerReferences",
    "is KubeStack's to say: a pod that something else owns may go at any time; remove it",
  ],
  [
    { metadata: { finalizers: ["x"] } },
    "metadata.finalizers",
    "is KubeStack's to say: a pod with a finalizer outlives its slave; remove it",
  ],
  [
    { metadata: { annotations: { "kubestack.io/retained-until": "2030-01-01T00:00:00Z" } } },
    "metadata.annotations.kubestack.io/retained-until",
    "is KubeStack's to say: a pod is kept only once it was stopped; use retain; remove it",
  ],
  [
    { spec: { restartPolicy: "Always" } },
    "spec.restartPolicy",
    "is KubeStack's to say: a build is never started again behind its master's back; remove it",
  ],
  [
    { spec: { nodeName: "n" } },
    "spec.nodeName",
    "is KubeStack's to say: the scheduler finds the node; use nodeSelector or affinity; remove it",
  ],
  [
    { spec: { ephemeralContainers: [] } },
    "spec.ephemeralContainers",
    "is KubeStack's to say: the API server takes none in a new pod; remove it",
  ],
  [{ status: {} }, "status", "is no part of a template's pod, which are metadata and spec; remove it"],
  [{ spec: [] }, "spec", "must be a map; correct it"],
])("%j is not for a template to say", (pod, path, message) => {
  expect(ownedFieldFaults(pod).map((fault) => [fault.path.join("."), fault.message])).toEqual([[path, message]]);
});

test("what every pod of ours has anyhow, and null, is no fault", () => {
  expect(ownedFieldFaults({ metadata: { name: null }, spec: { restartPolicy: "Never", nodeName: null } })).toEqual([]);
  expect(ownedFieldFaults({ metadata: null })).toEqual([]);
  expect(ownedFieldFaults({ metadata: { annotations: { team: "ours" } } })).toEqual([]);
});
