import type { V1Node } from "@kubernetes/client-node";
import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";

/**
 * How a machine of the cluster is: `unknown` where this account may not read machines, which is a right beyond any
 * namespace and so one that not everybody gives.
 */
export type NodeHealth = "ready" | "not-ready" | "gone" | "unknown";

export interface NodeCalls {
  /** By the condition Ready; its kubelet sets it, and the control plane takes it back when that is silent. */
  nodeHealth(name: string): Promise<NodeHealth>;
}

export function nodeCalls(connection: Connection): NodeCalls {
  return {
    async nodeHealth(name) {
      try {
        const path = `/api/v1/nodes/${encodeURIComponent(name)}`;
        const { status } = await connection.request<V1Node>({ method: "GET", path });
        const ready = status?.conditions?.find(({ type }) => type === "Ready");
        return ready?.status === "True" ? "ready" : "not-ready";
      } catch (error) {
        if (hasCode(error, "not-found")) return "gone";
        if (hasCode(error, "cluster-refused")) return "unknown";
        throw error;
      }
    },
  };
}
