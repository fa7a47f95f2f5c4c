import type { CoreV1Api, V1Secret } from "@kubernetes/client-node";
import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";
import { type CreatedObject, createObject } from "./create-object.ts";
import { type DeleteOutcome, outcomeOf } from "./delete-outcome.ts";
import { readPages } from "./read-pages.ts";

export interface SecretCalls {
  /** An owner reference in the object makes it go with its owner. Raises `already-exists`. */
  createSecret(namespace: string, secret: V1Secret): Promise<CreatedObject>;
  getSecret(namespace: string, name: string): Promise<V1Secret | undefined>;
  /** May be repeated at will. With `uid`, only that very object is deleted. */
  deleteSecret(namespace: string, name: string, options?: { readonly uid?: string }): Promise<DeleteOutcome>;
  /** All Secrets that carry the labels, read in pages. They come with their contents: keep none of them. */
  listSecrets(namespace: string, labelSelector: string): Promise<V1Secret[]>;
}

export function secretCalls(connection: Connection, api: CoreV1Api): SecretCalls {
  return {
    createSecret: (namespace, secret) =>
      createObject(connection, `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`, {
        apiVersion: "v1",
        kind: "Secret",
        ...secret,
      }),
    async getSecret(namespace, name) {
      try {
        return await api.readNamespacedSecret({ namespace, name });
      } catch (error) {
        if (hasCode(error, "not-found")) return undefined;
        throw error;
      }
    },
    deleteSecret: (namespace, name, options = {}) =>
      outcomeOf(
        api.deleteNamespacedSecret({
          namespace,
          name,
          body: options.uid === undefined ? {} : { preconditions: { uid: options.uid } },
        }),
      ),
    listSecrets: (namespace, labelSelector) =>
      readPages((page) => api.listNamespacedSecret({ namespace, labelSelector, ...page })),
  };
}
