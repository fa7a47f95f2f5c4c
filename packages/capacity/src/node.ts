import type { PodNeeds, Resources } from "@kubestack/contracts";
import type { Taint } from "./pool.ts";

/** A node of the cluster. */
export interface NodeState {
  readonly name: string;
  /** Null where it belongs to no pool of ours. */
  readonly pool: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** What it has for pods, `pods` among it. */
  readonly allocatable: Resources;
  readonly isReady: boolean;
  readonly isCordoned: boolean;
  /** Milliseconds of the cluster's time. */
  readonly createdAt: number;
  /** Conditions that are `True`, by their types. */
  readonly conditions?: readonly string[] | undefined;
}

/** What a pod is to the autoscaler. */
export type PodKind = "slave" | "daemon" | "headroom" | "other";

/** A pod of the cluster that is not over yet. */
export interface PodState {
  readonly name: string;
  readonly namespace: string;
  readonly kind: PodKind;
  /** Whose pod it is, where it has not its slave's name: it follows one that was lost. */
  readonly slave?: string | undefined;
  /** Null where no node has it yet. */
  readonly node: string | null;
  readonly needs: PodNeeds;
  /** It is on its way out: it takes its room until it is gone, and no other pod comes for it. */
  readonly isEnding?: boolean | undefined;
  /** Why it is disrupted, as its condition DisruptionTarget says; absent: it is not. */
  readonly disruption?: string | undefined;
}

/** Pods that wait for room on a node: all of one shape. */
export interface WantedPods {
  readonly needs: PodNeeds;
  /** Of slaves by their names, of other pods as `namespace/name`; each once. */
  readonly names: readonly string[];
}

/** The slave that a pod belongs to, by name. */
export function slaveOf({ name, slave = name }: Pick<PodState, "name" | "slave">): string {
  return slave;
}
