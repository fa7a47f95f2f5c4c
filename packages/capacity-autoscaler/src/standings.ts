import { leavingOf, type NodeState, type PodState } from "@kubestack/capacity";
import { type PoolStanding, type PoolsReply, toldNames } from "@kubestack/contracts";
import type { Known } from "./leading.ts";
import type { NodePoolConfig } from "./pools/entry.ts";
import type { CapacitySettings } from "./settings.ts";

/** How each pool stands, by the last decision; of what is not known nothing is said. */
export function standingsOf(
  { nodePools }: CapacitySettings,
  known: Known | undefined,
  now: number,
): Omit<PoolsReply, "isLeader"> {
  const unplaced = known?.decision?.unplaced ?? [];
  return {
    at: now,
    pools: nodePools.map((pool) => standingOf(pool, known)),
    unplaced: unplaced.slice(0, toldNames).map(({ names, because }) => ({
      pods: names.slice(0, toldNames),
      because: because.map(({ pool, reason }) => `${pool}: ${reason}`).join("; ") || "no pool is there for it",
    })),
  };
}

function standingOf(pool: NodePoolConfig, known: Known | undefined): PoolStanding {
  const { name, target, spot: isSpot, min, max, pricePerHour } = pool;
  const nodes = (known?.situation?.nodes ?? []).filter((node) => node.pool === name);
  const ready = nodes.filter(({ isReady }) => isReady);
  const decided = known?.decision?.targets.find((one) => one.pool === name);
  const actor = known?.actors.get(name);
  const last = known?.lastEvents.get(name);
  return {
    pool: name,
    target: target.type,
    isDryRun: target.dryRun,
    isSpot,
    isKnown: known?.situation !== undefined,
    ready: ready.length,
    nodes: nodes.length,
    coming: (decided?.coming ?? 0) + (decided?.ask ?? 0),
    wanted: decided?.size ?? actor?.wanted ?? null,
    min: min ?? null,
    max: max ?? null,
    pricePerHour,
    used: usedOf(ready, known?.situation?.pods ?? []),
    hold: decided?.hold ?? null,
    // What keeps all pools from being decided on keeps this one.
    trouble: actor?.trouble || (known?.trouble ?? ""),
    arrival: decided?.arrival ?? null,
    slaves: (decided?.pods ?? []).slice(0, toldNames),
    leaving: leavingOf(known?.removals ?? [])
      .filter((removal) => removal.pool === name)
      .slice(0, toldNames)
      .map(({ node, step, reason }) => ({ node, step, reason })),
    reason: decided?.reason ?? "",
    last: last === undefined ? null : { at: last.at, event: last.event, reason: last.reason },
  };
}

/** The part of the nodes' cpu and memory that pods ask for, the greater of the two; null where there is no node. Pure. */
export function usedOf(
  nodes: readonly Pick<NodeState, "name" | "allocatable">[],
  pods: readonly Pick<PodState, "node" | "needs" | "kind">[],
): number | null {
  if (nodes.length === 0) return null;
  const names = new Set(nodes.map(({ name }) => name));
  const its = pods.filter(({ node, kind }) => node !== null && names.has(node) && kind !== "headroom");
  const parts = ["cpu", "memory"].map((resource) => {
    const has = nodes.reduce((sum, { allocatable }) => sum + (allocatable[resource] ?? 0), 0);
    const asked = its.reduce((sum, { needs }) => sum + (needs.requests[resource] ?? 0), 0);
    return has === 0 ? 0 : asked / has;
  });
  return Math.max(...parts);
}
