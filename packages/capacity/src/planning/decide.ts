import type { PoolMemory } from "@kubestack/contracts";
import { endless, type Purse } from "../packing/problem.ts";
import { fill, type Ground } from "../placing/fill.ts";
import type { CapacityDecision, CapacitySituation, PoolTarget } from "../situation.ts";
import { expectedArrival, holdAt, type PoolStanding, placesOf, standingOf } from "./arrivals.ts";
import { buy } from "./buy.ts";
import { surveyed } from "./survey.ts";
import { targetReason, unplacedOf } from "./told.ts";

/** So many names of pods are told of a pool. */
const toldPods = 200;

/**
 * How large each pool is to be: what is planned or waits, and finds no room on present nodes and on those on their way, is packed on new
 * ones at the least cost. Pure: the same situation is decided the same way, and again with what was asked for it asks for nothing.
 */
export function decideCapacity(situation: CapacitySituation): CapacityDecision {
  const { pools, nodes, now, memories } = situation;
  const byPool = Map.groupBy(nodes, ({ pool }) => pool);
  const stands = pools.map((pool) =>
    standingOf(pool, byPool.get(pool.name) ?? [], { memory: memories.get(pool.name), now }),
  );
  const { waiting, rules, space, offers, present, leaving, coming } = surveyed(situation, stands);
  // What is there already is there at once, though it was about to go.
  fill(waiting, [...present, ...leaving, ...coming.flat()], rules);
  const purse = purseOf(situation, stands, coming);
  const bought = buy(waiting, { offers, rules, space, present: [...present, ...coming.flat(), ...leaving] }, purse);

  const targets = pools.map((pool, at): PoolTarget => {
    const { memory, coming: asked } = stands[at] as PoolStanding;
    const there = placesOf(stands[at] as PoolStanding);
    const nodesBought = bought.grounds[at] ?? [];
    const forMinimum = (coming[at]?.length ?? 0) - asked;
    const names = nodesBought.flatMap(({ pods: own }) => own);
    const awaiting = (coming[at] ?? []).flatMap(({ pods: own }) => own);
    const ask = nodesBought.length + forMinimum;
    const told = {
      ask,
      forMinimum,
      coming: asked,
      pods: names.length,
      awaiting: awaiting.length,
      hold: holdAt(memory, now),
    };
    return {
      pool: pool.name,
      size: there + asked + ask,
      present: there,
      coming: asked,
      ask,
      reason: targetReason(told, pool.min),
      pods: [...awaiting, ...names].slice(0, toldPods),
      arrival: expectedArrival(memory),
      hold: told.hold,
    };
  });
  const next = new Map(
    targets.map(({ pool, ask }, at) => [pool, askedOf((stands[at] as PoolStanding).memory, ask, now)] as const),
  );
  const standing = new Map(pools.map(({ name }, at) => [name, (stands[at] as PoolStanding).memory] as const));
  const left = { purse: bought.purse, memories: standing, bought: bought.grounds.map(({ length }) => length) };
  return {
    targets,
    unplaced: unplacedOf(waiting, { offers, rules, space }, left),
    memories: next,
    kept: new Map(
      leaving.flatMap(({ name = "", pods: own }) => (own.length === 0 ? [] : [[name, keptFor(own)] as const])),
    ),
    expecting: new Set(present.flatMap(({ name = "", pods: own }) => (own.length === 0 ? [] : [name]))),
  };
}

function purseOf(
  { limits = {}, pools }: CapacitySituation,
  stands: readonly PoolStanding[],
  coming: readonly (readonly Ground[])[],
): Purse {
  const left = { ...endless, ...Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)) };
  for (const [at, { shape, pricePerHour }] of pools.entries()) {
    const there = placesOf(stands[at] as PoolStanding) + (coming[at]?.length ?? 0);
    left.cpu -= there * (shape.cpu ?? 0);
    left.memory -= there * (shape.memory ?? 0);
    left.pricePerHour -= there * pricePerHour;
  }
  return left;
}

function askedOf(memory: PoolMemory, count: number, at: number): PoolMemory {
  if (count === 0) return memory;
  return { ...memory, asks: [...memory.asks, { at, count }].slice(-1000) };
}

function keptFor(pods: readonly string[]): string {
  return pods.length === 1 ? `${pods[0]} needs it` : `${pods[0]} and ${pods.length - 1} more pods need it`;
}
