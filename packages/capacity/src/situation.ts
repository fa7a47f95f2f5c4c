import type { PodNeeds, PoolMemory, Removal } from "@kubestack/contracts";
import type { NodeState, PodState, WantedPods } from "./node.ts";
import type { Pool, PoolLimits, PoolMemories } from "./pool.ts";

/** Everything that a decision on the pools' sizes is made from. */
export interface CapacitySituation {
  /** In the order of the configuration. */
  readonly pools: readonly Pool[];
  /** Default: none. */
  readonly limits?: PoolLimits | undefined;
  /** All of the cluster, ours or not. */
  readonly nodes: readonly NodeState[];
  /** All of the cluster that are not over. */
  readonly pods: readonly PodState[];
  /** Slaves that are planned and have no pod yet, see `wantedOf`. */
  readonly wanted: readonly WantedPods[];
  /** What the cluster puts on every node that they fit. Default: what is seen on the present nodes. */
  readonly daemons?: readonly PodNeeds[] | undefined;
  readonly memories: PoolMemories;
  /** Nodes on their way out. Those that are not removed yet are kept where pods need them. Default: none. */
  readonly removals?: readonly Removal[] | undefined;
  /** Milliseconds of NATS's time. */
  readonly now: number;
}

/** How soon the last nodes of a pool came, in milliseconds. */
export interface ExpectedArrival {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** From so many arrivals. */
  readonly of: number;
}

/** What a pool is to be. */
export interface PoolTarget {
  readonly pool: string;
  /** So many nodes it is to have, those that are there and those on their way included. Never fewer than it has. */
  readonly size: number;
  readonly present: number;
  /** Asked for before, and not there yet. */
  readonly coming: number;
  /** To be asked for now: `size - present - coming`. */
  readonly ask: number;
  /** Why this many, in a sentence. */
  readonly reason: string;
  /** For which pods nodes are asked now or on their way, by name, the first ones of them. */
  readonly pods: readonly string[];
  /** Null where none came yet. */
  readonly arrival: ExpectedArrival | null;
  readonly hold: PoolMemory["hold"];
}

/** Pods that neither a node nor a pool has room for. */
export interface Unplaced {
  readonly names: readonly string[];
  readonly needs: PodNeeds;
  /** Of each pool why not, in the order of the configuration. */
  readonly because: readonly { readonly pool: string; readonly reason: string }[];
}

export interface CapacityDecision {
  /** In the order of the configuration. */
  readonly targets: readonly PoolTarget[];
  readonly unplaced: readonly Unplaced[];
  /** Nodes on their way out that pods need again, by name, and why. */
  readonly kept: ReadonlyMap<string, string>;
  /** Nodes on which waiting pods are expected, by name. */
  readonly expecting: ReadonlySet<string>;
  /** To be saved before anything is asked for. */
  readonly memories: PoolMemories;
}
