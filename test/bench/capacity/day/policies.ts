import {
  type CapacityDecision,
  decideCapacity,
  decideRemovals,
  type PoolMemories,
  type SlaveUse,
} from "@kubestack/capacity";
import type { Removal } from "@kubestack/contracts";
import { type CloudPool, secondMs, type World } from "./world.ts";

/** Acts on a world after each tick. */
export type Policy = (world: World) => void;

/** So many nodes of one pool, all day. */
export function fixed(pool: string, count: number): Policy {
  let isBegun = false;
  return (world) => {
    if (!isBegun) world.ask(pool, count);
    isBegun = true;
  };
}

/** As KubeStack does it: from plans, over all pools, nodes removed when nothing needs them. */
export function ours(pools: readonly CloudPool[]): Policy {
  let memories: PoolMemories = new Map();
  let removals: readonly Removal[] = [];
  return (world) => {
    const { now } = world;
    const [nodes, pods] = [world.nodes(), world.pods()];
    const wanted = world.planned().map(({ name, needs }) => ({ name, needs }));
    const decision = decideCapacity({
      ...{ pools, nodes, pods, memories, removals, now },
      wanted: wanted.map(({ name, needs }) => ({ needs, names: [name] })),
    });
    memories = decision.memories;
    ask(world, decision);
    const slaves = new Map(pods.map(({ name }) => [name, "busy" as SlaveUse]));
    const looks = new Map(nodes.map(({ name }) => [name, { at: now, pods: pods.filter(({ node }) => node === name) }]));
    const { expecting, kept } = decision;
    const leaving = decideRemovals({
      pools,
      nodes,
      pods,
      slaves,
      removals,
      expecting,
      kept,
      looks,
      canRemove: () => true,
      now,
    });
    removals = leaving.removals;
    for (const { type, node } of leaving.intents) {
      if (type === "remove") world.remove(node);
      else if (type === "cordon" || type === "uncordon") world.cordon(node, type === "cordon");
    }
  };
}

/**
 * As autoscalers do it that see pods only: every ten seconds those that found no node; one pool at a time, the one on which least is left
 * over; a node that was empty for ten minutes goes.
 */
export function reactive(pools: readonly CloudPool[]): Policy {
  let memories: PoolMemories = new Map();
  let lookAt = 0;
  const emptySince = new Map<string, number>();
  return (world) => {
    const { now } = world;
    if (now < lookAt) return;
    lookAt = now + 10 * secondMs;
    const [nodes, pods] = [world.nodes(), world.pods()];
    const decisions = pools.map((one) => {
      // A pool that gives nothing is given up after a quarter of an hour, as cluster-autoscaler does.
      const only = pools.map((pool) => ({
        ...pool,
        deliverWithinMs: 900 * secondMs,
        max: pool === one ? pool.max : 0,
      }));
      return { one, decision: decideCapacity({ pools: only, nodes, pods, wanted: [], memories, now }) };
    });
    const able = decisions.filter(({ decision }) => decision.unplaced.length === 0);
    const best = (able.length > 0 ? able : decisions).toSorted((a, b) => boughtBy(a) - boughtBy(b))[0];
    if (best === undefined) return;
    memories = best.decision.memories;
    ask(world, best.decision);
    const used = new Set(pods.flatMap(({ node }) => node ?? []));
    for (const { name, isReady } of nodes) {
      if (!isReady || used.has(name)) emptySince.delete(name);
      else if (now - (emptySince.get(name) ?? now) >= 600 * secondMs) world.remove(name);
      else emptySince.set(name, emptySince.get(name) ?? now);
    }
  };
}

/** What is asked for is for the same pods: the least that is bought leaves the least over. */
function boughtBy({ one, decision }: { readonly one: CloudPool; readonly decision: CapacityDecision }): number {
  return decision.targets.reduce((sum, { ask: count }) => sum + count, 0) * (one.shape.cpu ?? 0);
}

function ask(world: World, { targets }: CapacityDecision): void {
  for (const { pool, ask: count } of targets) if (count > 0) world.ask(pool, count);
}
