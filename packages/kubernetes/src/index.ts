/**
 * The cluster: one kept connection with limits, time-outs and readable errors, and one resumable watch for any set of objects.
 * The only package that knows @kubernetes/client-node. It must never know what a slave, a template or a master is:
 * it neither decides nor remembers anything of its own.
 */

export type {
  V1Container,
  V1Node,
  V1OwnerReference,
  V1Pod,
  V1PodSpec,
  V1Secret,
  V1Service,
} from "@kubernetes/client-node";
export type { AccessCalls, ClusterVersion, QuotaUse } from "./calls/access.ts";
export type { CreatedObject } from "./calls/create-object.ts";
export type { DeleteOutcome } from "./calls/delete-outcome.ts";
export type { LeaseCalls, LeaseContent, StoredLease } from "./calls/leases.ts";
export type { Cordon, NodeCalls, NodeHealth } from "./calls/nodes.ts";
export type { PodLogCalls, PodLogOptions } from "./calls/pod-log.ts";
export type { DeletePodOptions, PodCalls } from "./calls/pods.ts";
export {
  capacityRights,
  neededRights,
  type Right,
  retentionRights,
  serviceRights,
  templateRights,
} from "./calls/rights.ts";
export type { ObjectScale, ScaleCalls, ScaledObject } from "./calls/scale.ts";
export type { SecretCalls } from "./calls/secrets.ts";
export type { ServiceCalls } from "./calls/services.ts";
export type { AsJson } from "./calls/stored-object.ts";
export { type PodTrial, tryPod } from "./calls/try-pod.ts";
export { type Cluster, type ClusterOptions, connectCluster } from "./cluster.ts";
export type { ClusterSource } from "./connection/cluster-source.ts";
export { clusterSourceOf } from "./connection/configured-source.ts";
export type { ClusterRequest, Connection, ConnectionLimits } from "./connection/connection.ts";
export type { Timing } from "./connection/timing.ts";
export { type SecretKey, secretValue } from "./secret-value.ts";
export type { RawObject } from "./watch/list-objects.ts";
export type { NodeObservation, TaintObservation } from "./watch/node-observation.ts";
export type { ObjectChange } from "./watch/object-cache.ts";
export type { PlacedPod } from "./watch/placed-pod.ts";
export { type ContainerObservation, observePod, type PodObservation } from "./watch/pod-observation.ts";
export {
  type ConfigMapObservation,
  longestConfigMap,
  type WatchConfigMapsOptions,
  watchConfigMaps,
} from "./watch/watch-config-maps.ts";
export { type WatchNodesOptions, watchNodes } from "./watch/watch-nodes.ts";
export { type ObjectSource, type WatchObjectsOptions, watchObjects } from "./watch/watch-objects.ts";
export { type WatchPlacedPodsOptions, watchPlacedPods } from "./watch/watch-placed-pods.ts";
export { managedSelector, type WatchPodsOptions, watchPods } from "./watch/watch-pods.ts";
export type { WatchStatus } from "./watch/watch-status.ts";
