import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";
import { type CreatedObject, createObject } from "./create-object.ts";
import { type DeleteOutcome, outcomeOf } from "./delete-outcome.ts";
import { readPages } from "./read-pages.ts";

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
  getPod(namespace: string, name: string): Promise<V1Pod | undefined>;
  /** May be repeated at will. */
  deletePod(namespace: string, name: string, options?: DeletePodOptions): Promise<DeleteOutcome>;
  /** All pods that carry the labels, read in pages. */
  listPods(namespace: string, labelSelector?: string): Promise<V1Pod[]>;
}

export function podCalls(connection: Connection, api: CoreV1Api): PodCalls {
  return {
    createPod: (namespace, pod) =>
      createObject(connection, `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, {
        apiVersion: "v1",
        kind: "Pod",
        ...pod,
      }),
    async getPod(namespace, name) {
      try {
        return await api.readNamespacedPod({ namespace, name });
      } catch (error) {
        if (hasCode(error, "not-found")) return undefined;
        throw error;
      }
    },
    deletePod(namespace, name, options = {}) {
      const graceSeconds = options.force ? 0 : options.graceSeconds;
      const body = {
        ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
        ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      };
      return outcomeOf(api.deleteNamespacedPod({ namespace, name, body }));
    },
    listPods: (namespace, labelSelector) =>
      readPages((page) =>
        api.listNamespacedPod({ namespace, ...(labelSelector === undefined ? {} : { labelSelector }), ...page }),
      ),
  };
}
