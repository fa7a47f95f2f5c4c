import { readFile } from "node:fs/promises";
import type { ControlPlane } from "@kubestack/real-parts";
import { parseAllDocuments } from "yaml";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Where an object of a kind is created. */
const collections: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => "/api/v1/namespaces",
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  Role: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
  RoleBinding: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
};

/** The rights that KubeStack ships, as they are applied to a cluster. */
export const rightsFile = new URL("../../../deploy/rbac.yaml", import.meta.url);

/** Creates every object of a manifest file, in the file's order. */
export async function applyManifests(cluster: ControlPlane, file: URL): Promise<void> {
  for (const document of parseAllDocuments(await readFile(file, "utf8"))) {
    const manifest = document.toJS() as Manifest;
    const collection = collections[manifest.kind];
    if (collection === undefined) throw new RangeError(`${file.pathname}: ${manifest.kind} is not known here.`);
    await cluster.json(`${collection(manifest.metadata.namespace ?? "")}?fieldValidation=Strict`, {
      method: "POST",
      body: manifest,
    });
  }
}
