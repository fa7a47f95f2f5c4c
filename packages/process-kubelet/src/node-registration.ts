import { hasCode, sentenceOf } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import { leaseSpec, type NodeFacts, nodeLabels, nodeLease, nodeObject, nodeStatus } from "./node-object.ts";
import { pause } from "./pause.ts";

/** A node that is known to the cluster and shows that it lives. */
export interface NodeRegistration {
  /** Ends the heartbeats. `remove`: Node and Lease go; `not-ready`: the node says that it is not ready; `nothing`: it falls silent. */
  stop(farewell: "remove" | "not-ready" | "nothing"): Promise<void>;
}

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
const TIMEOUT_MS = 5_000;
const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";

/**
 * Registers a node, or takes over the one of that name, and keeps it alive: its Lease by `leaseRenewMs`, its status by
 * `nodeStatusMs`. Raises where the first registration is refused; later failures are logged and tried again.
 */
export async function registerNode(
  cluster: Cluster,
  facts: NodeFacts,
  options: { leaseRenewMs: number; nodeStatusMs: number; nowMs: () => number; log: (line: string) => void },
): Promise<NodeRegistration> {
  const path = `/api/v1/nodes/${facts.name}`;
  const nowIso = () => new Date(options.nowMs()).toISOString();
  const status = () => nodeStatus(facts, nowIso().replace(/\.\d+Z$/, "Z"));
  const writeStatus = (body: object) =>
    cluster.request({
      method: "PATCH",
      path: `${path}/status`,
      contentType: STRATEGIC,
      body: { status: body },
      timeoutMs: TIMEOUT_MS,
    });
  const register = async () => {
    const body = nodeObject(facts, nowIso().replace(/\.\d+Z$/, "Z"));
    try {
      return await cluster.request<Registered>({ method: "POST", path: "/api/v1/nodes", body, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (!hasCode(error, "already-exists")) throw error;
      const labels = { metadata: { labels: nodeLabels(facts) } };
      const node = await cluster.request<Registered>({
        method: "PATCH",
        path,
        contentType: MERGE,
        body: labels,
        timeoutMs: TIMEOUT_MS,
      });
      await writeStatus(status());
      return node;
    }
  };
  const renew = async (uid: string) => {
    const lease = nodeLease(facts.name, { uid }, nowIso());
    try {
      const body = { spec: leaseSpec(facts.name, nowIso()) };
      await cluster.request({
        method: "PATCH",
        path: `${LEASES}/${facts.name}`,
        contentType: MERGE,
        body,
        timeoutMs: TIMEOUT_MS,
      });
    } catch (error) {
      if (!hasCode(error, "not-found")) throw error;
      await cluster.request({ method: "POST", path: LEASES, body: lease, timeoutMs: TIMEOUT_MS });
    }
  };
  const { metadata } = await register();
  await renew(metadata.uid);
  const stopping = new AbortController();
  const repeat = async (everyMs: number, what: string, act: () => Promise<unknown>) => {
    for (;;) {
      await pause(everyMs, stopping.signal);
      if (stopping.signal.aborted) return;
      await act().catch((error: unknown) => options.log(`${what} of node ${facts.name}: ${sentenceOf(error)}`));
    }
  };
  const beating = Promise.all([
    repeat(options.leaseRenewMs, "lease", () => renew(metadata.uid)),
    repeat(options.nodeStatusMs, "status", () => writeStatus(status())),
  ]);
  return {
    stop: async (farewell) => {
      stopping.abort();
      await beating;
      const acts: Record<typeof farewell, (() => Promise<unknown>)[]> = {
        remove: [
          () => cluster.request({ method: "DELETE", path, timeoutMs: TIMEOUT_MS }),
          () => cluster.request({ method: "DELETE", path: `${LEASES}/${facts.name}`, timeoutMs: TIMEOUT_MS }),
        ],
        "not-ready": [() => writeStatus(nodeStatus(facts, nowIso().replace(/\.\d+Z$/, "Z"), false))],
        nothing: [],
      };
      for (const act of acts[farewell]) {
        await act().catch((error: unknown) => {
          if (!hasCode(error, "not-found")) options.log(`farewell of node ${facts.name}: ${sentenceOf(error)}`);
        });
      }
    },
  };
}

interface Registered {
  readonly metadata: { readonly uid: string };
}
