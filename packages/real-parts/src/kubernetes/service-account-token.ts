import { KubestackError } from "@kubestack/contracts";
import type { ClusterClient } from "./cluster-client.ts";

/** Which service account; it and its namespace are made if they are not there. */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
  /** How long the token is good. Default 24 h; the server allows no less than 10 min. */
  readonly expirationSeconds?: number | undefined;
}

/**
 * A token of a service account, as a service gets it inside a cluster: it has the rights that RBAC gives to
 * `system:serviceaccount:<namespace>:<name>`, and none of its own. Raises `cluster-refused`.
 */
export async function serviceAccountToken(client: ClusterClient, account: ServiceAccountName): Promise<string> {
  const accounts = `/api/v1/namespaces/${account.namespace}/serviceaccounts`;
  await createUnlessThere(client, "/api/v1/namespaces", account.namespace);
  await createUnlessThere(client, accounts, account.name);
  const answer = await client.json(`${accounts}/${account.name}/token`, {
    method: "POST",
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: account.expirationSeconds ?? 86_400 },
    },
  });
  return (answer as { status: { token: string } }).status.token;
}

async function createUnlessThere(client: ClusterClient, path: string, name: string): Promise<void> {
  const answer = await client.call(path, { method: "POST", body: { metadata: { name } } });
  if (answer.status === 201 || answer.status === 409) return;
  throw new KubestackError("cluster-refused", `${name} could not be created at ${path}: ${answer.body.slice(0, 300)}`, {
    retry: "never",
  });
}
