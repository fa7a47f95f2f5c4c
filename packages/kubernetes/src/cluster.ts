import { type AccessCalls, accessCalls } from "./calls/access.ts";
import { type LeaseCalls, leaseCalls } from "./calls/leases.ts";
import { type NodeCalls, nodeCalls } from "./calls/nodes.ts";
import { type PodLogCalls, podLogCalls } from "./calls/pod-log.ts";
import { type PodCalls, podCalls } from "./calls/pods.ts";
import { type ScaleCalls, scaleCalls } from "./calls/scale.ts";
import { type SecretCalls, secretCalls } from "./calls/secrets.ts";
import { type ServiceCalls, serviceCalls } from "./calls/services.ts";
import { accessTo, type ClusterSource } from "./connection/cluster-source.ts";
import { type Connection, type ConnectionLimits, createConnection } from "./connection/connection.ts";
import { systemTiming, type Timing } from "./connection/timing.ts";

/** One Kubernetes cluster, reached through one kept connection. Every call raises KubestackError and nothing else. */
export interface Cluster
  extends Connection,
    PodCalls,
    SecretCalls,
    ServiceCalls,
    PodLogCalls,
    NodeCalls,
    ScaleCalls,
    LeaseCalls,
    AccessCalls {}

/** Where the cluster is, how much is asked of it, and by which clock (default: the machine's). */
export type ClusterOptions = ClusterSource & ConnectionLimits & { readonly timing?: Partial<Timing> };

/** Makes ready to talk to a cluster; nothing is sent yet. Raises `invalid-config` where none is configured. */
export function connectCluster(options: ClusterOptions): Cluster {
  const timing = { ...systemTiming, ...options.timing };
  const connection = createConnection(accessTo(options), { ...options, timing });
  return {
    ...connection,
    ...podCalls(connection),
    ...secretCalls(connection),
    ...serviceCalls(connection),
    ...podLogCalls(connection),
    ...nodeCalls(connection),
    ...scaleCalls(connection),
    ...leaseCalls(connection),
    ...accessCalls(connection),
  };
}
