import type { V1Pod } from "@kubernetes/client-node";
import type { Connection } from "../connection/connection.ts";
import { type CreatedObject, createObject } from "./create-object.ts";
import { type DeleteOutcome, outcomeOf } from "./delete-outcome.ts";
import { readPages } from "./read-pages.ts";
import { type AsJson, deleteObject, readObject } from "./stored-object.ts";

/** Which pod to delete, and how fast. */
export interface DeletePodOptions {
  /** Delete it only if it is this one; anything else of the name stays. */
  readonly uid?: string;
  /** Default: what the pod says. */
  readonly graceSeconds?: number;
  /** Grace 0: out of the store at once, whatever its node says. For lost nodes only: its processes may still run. */
  readonly force?: boolean;
}

export interface PodCalls {
  /** Raises `already-exists`, also while a pod of that name is going; `quota-exceeded`; `cluster-refused` with the API's words. */
  createPod(namespace: string, pod: V1Pod): Promise<CreatedObject>;
  /** The pod as it is in the store now; undefined where there is none. */
  getPod(namespace: string, name: string): Promise<AsJson<V1Pod> | undefined>;
  /** May be repeated at will. */
  deletePod(namespace: string, name: string, options?: DeletePodOptions): Promise<DeleteOutcome>;
  /** All pods that carry the labels, read in pages. */
  listPods(namespace: string, labelSelector?: string): Promise<AsJson<V1Pod>[]>;
}

const podsOf = (namespace: string) => `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
const podAt = (namespace: string, name: string) => `${podsOf(namespace)}/${encodeURIComponent(name)}`;

export function podCalls(connection: Connection): PodCalls {
  return {
    createPod: (namespace, pod) =>
      createObject(connection, podsOf(namespace), { apiVersion: "v1", kind: "Pod", ...pod }),
    getPod: (namespace, name) => readObject<V1Pod>(connection, podAt(namespace, name)),
    deletePod(namespace, name, { uid, graceSeconds, force } = {}) {
      const deletion = { uid, graceSeconds: force ? 0 : graceSeconds };
      return outcomeOf(deleteObject(connection, podAt(namespace, name), deletion));
    },
    listPods: (namespace, labelSelector) => readPages(connection, podsOf(namespace), labelSelector),
  };
}
