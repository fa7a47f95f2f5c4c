/** Why a node goes by itself. */
export type NoticeKind = "spot" | "maintenance" | "scale-down" | "shutdown" | "rebalance";

/** A taint or a condition by which somebody says that a node goes. */
export interface KnownNotice {
  readonly key: string;
  /** Absent: any. */
  readonly value?: string;
  readonly kind: NoticeKind;
  /** Who says so. */
  readonly by: string;
}

/**
 * Taints. Sources: Karpenter's termination controller (its `v1` and `v1beta1` taints); cluster-autoscaler's `taints` package, whose soft
 * `DeletionCandidateOfClusterAutoscaler` is no notice; aws-node-termination-handler's `node` package; GKE's graceful node termination;
 * cloud-provider's node lifecycle controller; Kubernetes' non-graceful node shutdown; cloud-provider-azure on Spot evictions.
 */
export const noticeTaints: readonly KnownNotice[] = [
  { key: "karpenter.sh/disrupted", kind: "scale-down", by: "Karpenter" },
  { key: "karpenter.sh/disruption", value: "disrupting", kind: "scale-down", by: "Karpenter" },
  { key: "ToBeDeletedByClusterAutoscaler", kind: "scale-down", by: "cluster-autoscaler" },
  { key: "aws-node-termination-handler/spot-itn", kind: "spot", by: "aws-node-termination-handler" },
  {
    key: "aws-node-termination-handler/scheduled-maintenance",
    kind: "maintenance",
    by: "aws-node-termination-handler",
  },
  {
    key: "aws-node-termination-handler/asg-lifecycle-termination",
    kind: "scale-down",
    by: "aws-node-termination-handler",
  },
  {
    key: "aws-node-termination-handler/rebalance-recommendation",
    kind: "rebalance",
    by: "aws-node-termination-handler",
  },
  { key: "cloud.google.com/impending-node-termination", kind: "spot", by: "GKE" },
  { key: "cloudprovider.azure.microsoft.com/draining", value: "spot-eviction", kind: "spot", by: "Azure" },
  { key: "node.cloudprovider.kubernetes.io/shutdown", kind: "shutdown", by: "the cloud's controller" },
  { key: "node.kubernetes.io/out-of-service", kind: "shutdown", by: "Kubernetes" },
];

/**
 * Conditions that are `True`. Source: node-problem-detector as AKS runs it, which tells Azure's scheduled events. A freeze is over in seconds,
 * and is no notice.
 */
export const noticeConditions: readonly KnownNotice[] = [
  { key: "PreemptScheduled", kind: "spot", by: "Azure" },
  { key: "TerminateScheduled", kind: "shutdown", by: "Azure" },
  { key: "RedeployScheduled", kind: "maintenance", by: "Azure" },
  { key: "RebootScheduled", kind: "maintenance", by: "Azure" },
];

/** What each kind means for whoever has a build there. */
export const noticeWords: Readonly<Record<NoticeKind, string>> = {
  spot: "its machine is taken back",
  maintenance: "its machine is taken out for maintenance",
  "scale-down": "it is being removed",
  shutdown: "it is being shut down",
  rebalance: "its machine is likely to be taken back soon",
};
