import type { V1Secret } from "@kubernetes/client-node";
import type { Connection } from "../connection/connection.ts";
import { type CreatedObject, createObject } from "./create-object.ts";
import { type DeleteOutcome, outcomeOf } from "./delete-outcome.ts";
import { readPages } from "./read-pages.ts";
import { type AsJson, deleteObject, readObject } from "./stored-object.ts";

export interface SecretCalls {
  /** An owner reference in the object makes it go with its owner. Raises `already-exists`. */
  createSecret(namespace: string, secret: V1Secret): Promise<CreatedObject>;
  getSecret(namespace: string, name: string): Promise<AsJson<V1Secret> | undefined>;
  /** May be repeated at will. With `uid`, only that very object is deleted. */
  deleteSecret(namespace: string, name: string, options?: { readonly uid?: string }): Promise<DeleteOutcome>;
  /** All Secrets that carry the labels, read in pages. They come with their contents: keep none of them. */
  listSecrets(namespace: string, labelSelector: string): Promise<AsJson<V1Secret>[]>;
}

const secretsOf = (namespace: string) => `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
const secretAt = (namespace: string, name: string) => `${secretsOf(namespace)}/${encodeURIComponent(name)}`;

export function secretCalls(connection: Connection): SecretCalls {
  return {
    createSecret: (namespace, secret) =>
      createObject(connection, secretsOf(namespace), { apiVersion: "v1", kind: "Secret", ...secret }),
    getSecret: (namespace, name) => readObject<V1Secret>(connection, secretAt(namespace, name)),
    deleteSecret: (namespace, name, options = {}) =>
      outcomeOf(deleteObject(connection, secretAt(namespace, name), options)),
    listSecrets: (namespace, labelSelector) => readPages(connection, secretsOf(namespace), labelSelector),
  };
}
