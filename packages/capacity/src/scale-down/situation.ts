import type { Removal } from "@kubestack/contracts";
import type { NodeState, PodState } from "../node.ts";
import type { Pool } from "../pool.ts";

/** What a slave does, as its record says. One of which nothing is known counts as busy. */
export type SlaveUse = "starting" | "idle" | "busy" | "leaving";

/** All pods of one node, read from the cluster for this: begun at `at`, in milliseconds of NATS's time. */
export interface NodeLook {
  readonly at: number;
  readonly pods: readonly Pick<PodState, "name" | "kind">[];
}

/** Everything that is decided from which nodes leave. */
export interface ScaleDownSituation {
  readonly pools: readonly Pool[];
  readonly nodes: readonly NodeState[];
  readonly pods: readonly PodState[];
  /** By the slave's name. */
  readonly slaves: ReadonlyMap<string, SlaveUse>;
  /** As saved after the last decision. */
  readonly removals: readonly Removal[];
  /** Nodes on which waiting pods are expected, and nodes on their way out that pods need again: both of `decideCapacity`. */
  readonly expecting: ReadonlySet<string>;
  readonly kept: ReadonlyMap<string, string>;
  /** The last looks at nodes, by name. */
  readonly looks: ReadonlyMap<string, NodeLook>;
  /** Whether a pool's target takes away a node by its name. Where it can't, none of its nodes leaves. */
  readonly canRemove: (pool: string) => boolean;
  readonly now: number;
}

/** What is to be done, each again and again until it is seen to be so. */
export type ScaleDownIntent =
  | { readonly type: "cordon" | "uncordon"; readonly node: string; readonly pool: string; readonly reason: string }
  /** Read the node's pods from the cluster: for `looks`. */
  | { readonly type: "look"; readonly node: string; readonly pool: string; readonly reason: string }
  /** By the mark and two looks, as every idle slave leaves: one that takes a build meanwhile stays. */
  | {
      readonly type: "withdraw";
      readonly node: string;
      readonly pool: string;
      readonly slaves: readonly string[];
      readonly reason: string;
    }
  | { readonly type: "remove"; readonly node: string; readonly pool: string; readonly reason: string };

export interface ScaleDownDecision {
  /** To be saved before any intent is carried out. */
  readonly removals: readonly Removal[];
  readonly intents: readonly ScaleDownIntent[];
}
