import type { Cluster } from "@kubestack/kubernetes";
import type { EventRecorder } from "./event-recorder.ts";
import type { ImageTable } from "./image-table.ts";
import type { NamespaceValues } from "./namespace-values.ts";
import type { NodeAddress } from "./pod-fields.ts";
import type { ProcessGroups } from "./process-groups.ts";

/** How long a kubelet waits where it waits; all in ms. */
export interface KubeletTimings {
  /** How long ErrImagePull is shown before it becomes ImagePullBackOff; default 1,000. */
  readonly pullErrorShownMs: number;
  /** The first wait before an image is pulled again, or a container is started again; doubled at each time; default 10,000. */
  readonly firstBackoffMs: number;
  /** The longest such wait; default 300,000. */
  readonly longestBackoffMs: number;
  /** How often the node's Lease is renewed; default 10,000. */
  readonly leaseRenewMs: number;
  /** How often the node's status is written; default 60,000. */
  readonly nodeStatusMs: number;
  /** How long a write of a last status may take when the kubelet stops; default 2,000. */
  readonly stopMs: number;
}

/** A real kubelet's own times. */
export const DEFAULT_TIMINGS: KubeletTimings = {
  pullErrorShownMs: 1_000,
  firstBackoffMs: 10_000,
  longestBackoffMs: 300_000,
  leaseRenewMs: 10_000,
  nodeStatusMs: 60_000,
  stopMs: 2_000,
};

/** What every pod of a kubelet uses. */
export interface KubeletServices {
  readonly cluster: Cluster;
  readonly images: ImageTable;
  /** Images that were pulled in this life. */
  readonly pulled: Set<string>;
  /** The kubelet's own folder. */
  readonly root: string;
  readonly address: NodeAddress;
  readonly values: NamespaceValues;
  readonly events: EventRecorder;
  readonly processes: ProcessGroups;
  readonly timings: KubeletTimings;
  /** How much of one container's output is kept, in bytes, twice. */
  readonly maxLogBytes: number;
  readonly nowMs: () => number;
  readonly log: (line: string) => void;
}

/** Kubernetes writes the times of states in whole seconds. */
export function wholeSeconds(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}
