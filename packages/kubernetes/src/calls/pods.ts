import type { V1Pod } from "@kubernetes/client-node";
import { hasCode } from "@kubestack/contracts";
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

/** Which pod to stop, and what to write on it. */
export interface StopPodOptions {
  /** Only this very one; anything else of the name stays as it is. */
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PodCalls {
  /** Raises `already-exists`, also while a pod of that name is going; `quota-exceeded`; `cluster-refused` with the API's words. */
  createPod(namespace: string, pod: V1Pod): Promise<CreatedObject>;
  /** The pod as it is in the store now; undefined where there is none. */
  getPod(namespace: string, name: string): Promise<AsJson<V1Pod> | undefined>;
  /**
   * Ends a pod's containers, each with its grace, and leaves the pod there, with their logs: its time is over. What else is to be
   * told of it is written on it. May be repeated at will.
   */
  stopPod(namespace: string, name: string, options: StopPodOptions): Promise<DeleteOutcome>;
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
    async stopPod(namespace, name, { uid, annotations }) {
      const path = podAt(namespace, name);
      // Of a pod's spec this is one of the few fields that may be changed; a pod that is over stays as it is.
      const body = { metadata: { uid, annotations }, spec: { activeDeadlineSeconds: 1 } };
      const contentType = "application/merge-patch+json";
      try {
        return await outcomeOf(connection.request({ method: "PATCH", path, body, contentType }));
      } catch (error) {
        // Another pod's uid is refused like any other field that can't be changed.
        if (!hasCode(error, "cluster-refused")) throw error;
        const there = await readObject<V1Pod>(connection, path);
        if (there !== undefined && there.metadata?.uid !== uid) return "not-this-one";
        throw error;
      }
    },
    deletePod(namespace, name, { uid, graceSeconds, force } = {}) {
      const deletion = { uid, graceSeconds: force ? 0 : graceSeconds };
      return outcomeOf(deleteObject(connection, podAt(namespace, name), deletion));
    },
    listPods: (namespace, labelSelector) => readPages(connection, podsOf(namespace), labelSelector),
  };
}
