import type { NodeState, PodKind, PodState } from "@kubestack/capacity";
import type { NodeObservation, PlacedPod } from "@kubestack/kubernetes";
import { headroomLabel } from "../targets/headroom/placeholder.ts";

/** What a pool's nodes are known by. */
export interface KnownPool {
  readonly name: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
}

/** A node as decisions know it. Pure, as the next. */
export function nodeStateOf(node: NodeObservation, pools: readonly KnownPool[]): NodeState {
  const { name, labels, taints, allocatable, isReady, isCordoned, isGoing, createdAt, conditions } = node;
  const pool = poolIn(labels, pools);
  return { name, pool, labels, taints, allocatable, isReady, isCordoned: isCordoned || isGoing, createdAt, conditions };
}

/** The pool whose labels a node has; of several the one that asks for the most. */
export function poolIn(labels: Readonly<Record<string, string>>, pools: readonly KnownPool[]): string | null {
  const having = pools.filter(({ nodeLabels }) =>
    Object.entries(nodeLabels).every(([key, value]) => labels[key] === value),
  );
  const size = ({ nodeLabels }: KnownPool): number => Object.keys(nodeLabels).length;
  return having.toSorted((one, other) => size(other) - size(one))[0]?.name ?? null;
}

/** A pod as decisions know it: a slave is one of this installation, whatever else is on a node is not ours to move. */
export function podStateOf(pod: PlacedPod, install: string): PodState {
  const { name, namespace, node, needs, isEnding, disruption } = pod;
  const more = { ...(isEnding ? { isEnding } : {}), ...(disruption === null ? {} : { disruption }) };
  return { name, namespace, kind: kindOf(pod, install), node, needs, ...more };
}

function kindOf({ marks, madeBy }: PlacedPod, install: string): PodKind {
  if (marks[headroomLabel] !== undefined) return "headroom";
  if (marks["kubestack.io/slave"] !== undefined && marks["kubestack.io/install"] === install) return "slave";
  return madeBy === "DaemonSet" || madeBy === "Node" ? "daemon" : "other";
}
