import { type NodeState, type PodKind, type PodState, poolOf } from "@kubestack/capacity";
import type { NodeObservation, PlacedPod } from "@kubestack/kubernetes";
import { headroomLabel } from "../targets/headroom/placeholder.ts";

const notReadyTaint = "node.kubernetes.io/not-ready";

/** What a pool's nodes are known by. */
export interface KnownPool {
  readonly name: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
}

/** Written on a node that is on its way out, and says why. */
export const leavingAnnotation = "kubestack.io/leaving";
const cordonTaint = "node.kubernetes.io/unschedulable";

/**
 * A node as decisions know it. `isLeaving`: it is remembered as on its way out; one that we closed and that is not any more is about to be
 * open again, and counts as that. Pure, as the next.
 */
export function nodeStateOf(node: NodeObservation, pools: readonly KnownPool[], isLeaving: boolean): NodeState {
  const { name, labels, taints, allocatable, isReady, isCordoned, isGoing, createdAt, conditions } = node;
  const pool = poolOf(labels, pools);
  // A node that is ready loses this taint in the same moment: its room is there.
  const isReopening = isToReopen(node, isLeaving);
  const passing = [...(isReady ? [notReadyTaint] : []), ...(isReopening ? [cordonTaint] : [])];
  const lasting = taints.filter(({ key }) => !passing.includes(key));
  const isClosed = (isCordoned && !isReopening) || isGoing;
  return { name, pool, labels, taints: lasting, allocatable, isReady, isCordoned: isClosed, createdAt, conditions };
}

/** Whether we closed a node that is not on its way out any more. */
export function isToReopen({ isCordoned, annotations }: NodeObservation, isLeaving: boolean): boolean {
  return isCordoned && !isLeaving && annotations[leavingAnnotation] !== undefined;
}

/** A pod as decisions know it: a slave is one of this installation, whatever else is on a node is not ours to move. */
export function podStateOf(pod: PlacedPod, install: string): PodState {
  const { name, namespace, node, needs, isEnding, disruption } = pod;
  const slave = pod.marks["kubestack.io/slave"];
  const more = {
    ...(slave === undefined || slave === name ? {} : { slave }),
    ...(isEnding ? { isEnding } : {}),
    ...(disruption === null ? {} : { disruption }),
  };
  return { name, namespace, kind: kindOf(pod, install), node, needs, ...more };
}

function kindOf({ marks, madeBy }: PlacedPod, install: string): PodKind {
  if (marks[headroomLabel] !== undefined) return "headroom";
  if (marks["kubestack.io/slave"] !== undefined && marks["kubestack.io/install"] === install) return "slave";
  return madeBy === "DaemonSet" || madeBy === "Node" ? "daemon" : "other";
}
