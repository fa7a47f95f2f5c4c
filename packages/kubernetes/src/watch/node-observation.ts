import { type Resources, resourcesOf } from "@kubestack/contracts";
import type { RawObject } from "./list-objects.ts";

/** A taint as a node has it. */
export interface TaintObservation {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** What is kept of a node: plain JSON, one or two kilobytes. All times are milliseconds since 1970 by the cluster's clock. */
export interface NodeObservation {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Those that say whose it is and who may take it; of all others none. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly TaintObservation[];
  /** What it has for pods: cpu in thousandths of a core, memory in bytes. */
  readonly allocatable: Resources;
  readonly isReady: boolean;
  /** Its conditions that are `True`, by their types. */
  readonly conditions: readonly string[];
  readonly isCordoned: boolean;
  /** By which its cloud knows it, such as `aws:///eu-central-1a/i-0123`; null where it has none. */
  readonly providerId: string | null;
  readonly createdAt: number;
  readonly isGoing: boolean;
}

/** Labels and annotations of one node that are kept at most. */
const mostPairs = 100;
const keptAnnotations =
  /^(?:cluster\.x-k8s\.io|karpenter\.sh|cluster-autoscaler\.kubernetes\.io|kubestack\.io|node\.kubernetes\.io)\//;

interface RawCondition {
  readonly type?: string;
  readonly status?: string;
}

/** Shrinks a node as it came. */
export function observeNode(object: RawObject): NodeObservation {
  const { metadata } = object;
  const spec = (object.spec ?? {}) as {
    readonly taints?: readonly TaintObservation[];
    readonly unschedulable?: boolean;
    readonly providerID?: string;
  };
  const status = (object.status ?? {}) as {
    readonly allocatable?: unknown;
    readonly conditions?: readonly RawCondition[];
  };
  const conditions = (status.conditions ?? []).flatMap(({ type = "", status: is }) => (is === "True" ? [type] : []));
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => keptAnnotations.test(key));
  return {
    name: metadata.name,
    uid: metadata.uid,
    labels: Object.fromEntries(Object.entries(metadata.labels ?? {}).slice(0, mostPairs)),
    annotations: Object.fromEntries(annotations.slice(0, mostPairs)),
    taints: (spec.taints ?? []).map(({ key, value, effect }) => ({ key, ...(value ? { value } : {}), effect })),
    allocatable: resourcesOf(status.allocatable),
    isReady: conditions.includes("Ready"),
    conditions,
    isCordoned: spec.unschedulable === true,
    providerId: spec.providerID ?? null,
    createdAt: metadata.creationTimestamp === undefined ? 0 : Date.parse(metadata.creationTimestamp),
    isGoing: metadata.deletionTimestamp !== undefined,
  };
}
