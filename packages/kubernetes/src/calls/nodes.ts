import type { V1Node } from "@kubernetes/client-node";
import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";
import type { RawObject } from "../watch/list-objects.ts";
import { type PlacedPod, placedPods } from "../watch/placed-pod.ts";

/**
 * How a machine of the cluster is: `unknown` where this account may not read machines, which is a right beyond any
 * namespace and so one that not everybody gives.
 */
export type NodeHealth = "ready" | "not-ready" | "gone" | "unknown";

/** Whether pods may still be put on a node, and what is written on it besides; a null takes the annotation away. */
export interface Cordon {
  readonly isCordoned: boolean;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

export interface NodeCalls {
  /** By the condition Ready; its kubelet sets it, and the control plane takes it back when that is silent. */
  nodeHealth(name: string): Promise<NodeHealth>;
  /** What is on a node now, by the word of the store itself: pods that are over are not told. */
  podsOnNode(name: string): Promise<PlacedPod[]>;
  /** Closes a node to new pods, or opens it again. May be repeated at will. Raises `not-found` where there is none. */
  cordonNode(name: string, cordon: Cordon): Promise<void>;
}

export function nodeCalls(connection: Connection): NodeCalls {
  const pathOf = (name: string) => `/api/v1/nodes/${encodeURIComponent(name)}`;
  return {
    async nodeHealth(name) {
      try {
        const { status } = await connection.request<V1Node>({ method: "GET", path: pathOf(name) });
        const ready = status?.conditions?.find(({ type }) => type === "Ready");
        return ready?.status === "True" ? "ready" : "not-ready";
      } catch (error) {
        if (hasCode(error, "not-found")) return "gone";
        if (hasCode(error, "cluster-refused")) return "unknown";
        throw error;
      }
    },
    async podsOnNode(name) {
      const query = { fieldSelector: `spec.nodeName=${name}` };
      const list = await connection.request<{ items: RawObject[] }>({ method: "GET", path: "/api/v1/pods", query });
      const observe = placedPods();
      return list.items.flatMap((pod) => observe(pod) ?? []);
    },
    async cordonNode(name, { isCordoned, annotations = {} }) {
      await connection.request({
        method: "PATCH",
        path: pathOf(name),
        body: { metadata: { annotations }, spec: { unschedulable: isCordoned ? true : null } },
        contentType: "application/merge-patch+json",
      });
    },
  };
}
