import type { PodNeeds } from "@kubestack/contracts";
import type { NodeState, PodState } from "./node.ts";
import { decideCapacity } from "./planning/decide.ts";
import type { Pool } from "./pool.ts";
import type { CapacityDecision, CapacitySituation } from "./situation.ts";

export const minuteMs = 60_000;
export const GiB = 2 ** 30;

/** A pool of eight cores and 32Gi for 0.40 an hour. */
export function pool(name: string, of: Partial<Pool> = {}): Pool {
  return {
    name,
    nodeLabels: { pool: name },
    taints: [],
    shape: { cpu: 8000, memory: 32 * GiB, pods: 58 },
    ...{ min: 0, max: 100, pricePerHour: 0.4, isSpot: false },
    ...{ deliverWithinMs: 10 * minuteMs, scaleDownDelayMs: 5 * minuteMs, disruptionBudget: 2 },
    ...of,
  };
}

/** Two cores and 4Gi. */
export function needs(of: Partial<PodNeeds> = {}, cpu = 2000, memory = 4 * GiB): PodNeeds {
  return { requests: { cpu, memory }, ...of };
}

/** A ready node of a pool, as large as `pool` makes it. */
export function node(name: string, of: Partial<NodeState> = {}): NodeState {
  const poolName = of.pool === undefined ? "a" : of.pool;
  return {
    name,
    pool: poolName,
    labels: { "kubernetes.io/hostname": name, ...(poolName === null ? {} : { pool: poolName }) },
    taints: [],
    allocatable: { cpu: 8000, memory: 32 * GiB, pods: 58 },
    ...{ isReady: true, isCordoned: false, createdAt: 0 },
    ...of,
  };
}

/** A slave's pod that waits, or is on a node. */
export function pod(name: string, of: Partial<PodState> = {}): PodState {
  return { name, namespace: "ci", kind: "slave", node: null, needs: needs(), ...of };
}

export function names(count: number, prefix = "s"): string[] {
  return Array.from({ length: count }, (_none, index) => `${prefix}${index + 1}`);
}

export function situation(of: Partial<CapacitySituation> = {}): CapacitySituation {
  return { pools: [pool("a")], nodes: [], pods: [], wanted: [], memories: new Map(), now: minuteMs, ...of };
}

export function decided(of: Partial<CapacitySituation> = {}): CapacityDecision {
  return decideCapacity(situation(of));
}

/** How many nodes are asked for now, by pool, those that none is asked of left out. */
export function asked({ targets }: CapacityDecision): Record<string, number> {
  return Object.fromEntries(targets.flatMap(({ pool: of, ask }) => (ask === 0 ? [] : [[of, ask]])));
}
