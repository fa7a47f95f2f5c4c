import type { ClusterClient } from "../kubernetes/cluster-client.ts";

export const machineGroup = "cluster.x-k8s.io";
export const machineVersion = "v1beta1";

const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function kind(name: string, plural: string, subresources: object): object {
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: anything, status: anything } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${machineGroup}`,
      // The API server keeps this group for approved kinds; its own word for those that are not.
      annotations: { "api-approved.kubernetes.io": "unapproved, only for tests" },
    },
    spec: {
      group: machineGroup,
      scope: "Namespaced",
      names: { kind: name, plural, singular: name.toLowerCase(), listKind: `${name}List` },
      versions: [{ name: machineVersion, served: true, storage: true, schema, subresources }],
    },
  };
}

const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };

/** Makes the kinds of Cluster API that groups of machines are scaled by, and waits until the API server serves them. */
export async function addMachineKinds(plane: ClusterClient): Promise<void> {
  const kinds = [
    kind("MachineDeployment", "machinedeployments", { status: {}, scale }),
    kind("Machine", "machines", { status: {} }),
  ];
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const body of kinds) await plane.json(path, { method: "POST", body });
  for (const plural of ["machinedeployments", "machines"]) await served(plane, plural);
}

async function served(plane: ClusterClient, plural: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  const path = `/apis/${machineGroup}/${machineVersion}/${plural}`;
  while ((await plane.call(path)).status !== 200) {
    if (performance.now() > deadline) throw new RangeError(`The API server does not serve ${plural}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
