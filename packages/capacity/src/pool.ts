import type { PoolMemory, Resources } from "@kubestack/contracts";

/** What a node repels pods by. */
export interface Taint {
  readonly key: string;
  readonly value?: string | undefined;
  /** `PreferNoSchedule` repels nothing that must be placed. */
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A group of equal nodes that can be made larger and smaller. */
export interface Pool {
  readonly name: string;
  /** What its nodes carry; by these they are known, too. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** What one node has as it is bought: cpu in thousandths of a core, memory in bytes, `pods`, and whatever else. */
  readonly shape: Resources;
  /** What the system of a node keeps of its shape; as soon as a node of the pool was seen, that node tells. Default: nothing. */
  readonly overhead?: Resources | undefined;
  readonly min: number;
  readonly max: number;
  /** Of one node for an hour, in one currency for all pools. */
  readonly pricePerHour: number;
  /** Its nodes may be taken away at short notice. */
  readonly isSpot: boolean;
  /** A node that takes longer from the ask to ready counts as not delivered. Milliseconds. */
  readonly deliverWithinMs: number;
  /** How long a node must be unneeded before it goes. Milliseconds. */
  readonly scaleDownDelayMs: number;
  /** How many of its nodes may be on their way out at once. */
  readonly disruptionBudget: number;
  /**
   * Where its nodes come up; absent: as `nodeLabels` or its last nodes say. Where nothing says it, pods whose volumes are in a zone get no
   * node of it.
   */
  readonly zones?: readonly string[] | undefined;
}

/** What all pools together may come to, nodes on their way included; absent: as much as their `max` allows. */
export interface PoolLimits {
  /** Thousandths of a core. */
  readonly cpu?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly pricePerHour?: number | undefined;
}

/** What is remembered of each pool, by its name; one that is missing was never used. */
export type PoolMemories = ReadonlyMap<string, PoolMemory>;
