import type { PodNeeds, PoolMemory } from "@kubestack/contracts";
import type { NodeState } from "../node.ts";
import { noticeOf } from "../notices/decide.ts";
import { endless, type Purse } from "../packing/problem.ts";
import { Acceptance } from "../placing/acceptance.ts";
import { fill, type Ground, type Waiting } from "../placing/fill.ts";
import { kindsOf, measuredIn, selectedKeys } from "../placing/kinds.ts";
import { Space } from "../placing/space.ts";
import { Topology } from "../placing/topology.ts";
import type { Pool } from "../pool.ts";
import { freshGrounds, groundsOf } from "../pressure/grounds.ts";
import { unscheduled } from "../pressure/wanted.ts";
import type { CapacityDecision, CapacitySituation, PoolTarget } from "../situation.ts";
import { expectedArrival, type PoolStanding, standingOf } from "./arrivals.ts";
import { buy, type Offer } from "./buy.ts";
import { daemonsOn, freshNodeOf } from "./fresh-node.ts";
import { targetReason, unplacedOf } from "./told.ts";

/** So many names of pods are told of a pool. */
const toldPods = 200;
/** What Kubernetes itself puts on a node that is cordoned. */
const cordonTaint = "node.kubernetes.io/unschedulable";

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
  const ground = surveyed(situation, stands);
  const { waiting, rules, space, offers, present, leaving, coming } = ground;
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

/** All that is decided from, in the form in which it is reckoned with. */
function surveyed(situation: CapacitySituation, stands: readonly PoolStanding[]) {
  const { pools, nodes, pods, wanted, removals = [], now } = situation;
  const allWanted = [...wanted, ...unscheduled(pods)];
  const choosy = new Set([...allWanted, ...pods].map(({ needs }) => needs).filter(isChoosy));
  const kinds = kindsOf(allWanted, selectedKeys(choosy));
  const space = new Space(kinds.map(({ needs }) => needs.requests));
  const topology = new Topology(choosy);
  const rules = { topology, acceptance: new Acceptance(kinds.map(({ needs }) => needs)) };
  const waiting: Waiting[] = measuredIn(space, kinds)
    .toSorted((a, b) => sizeOf(b.ask) - sizeOf(a.ask))
    .map((kind) => ({ kind, placed: 0 }));
  const returnable = new Set(removals.filter(({ step }) => step !== "removing").map(({ node }) => node));
  const gone = new Set(removals.filter(({ step }) => step === "removing").map(({ node }) => node));
  const isLeaving = ({ name, isCordoned }: NodeState) => isCordoned && returnable.has(name);
  const usable = nodes.filter((node) => node.isReady && !gone.has(node.name) && noticeOf(node) === undefined);
  const daemons = situation.daemons ?? daemonsOn(nodes, pods);
  const offers = pools.map((pool, at): Offer => {
    const standing = stands[at] as PoolStanding;
    return { pool, fresh: freshNodeOf(pool, standing.memory, daemons), most: mostOf(pool, standing, now) };
  });
  const present = groundsOf(
    usable.filter(({ isCordoned }) => !isCordoned),
    pods,
    { space, topology },
  );
  const leaving = groundsOf(usable.filter(isLeaving).map(uncordoned), pods, { space, topology });
  const coming = offers.map(({ pool, fresh }, at) => {
    const { present: ready, coming: asked, memory } = stands[at] as PoolStanding;
    const isHeld = holdAt(memory, now) !== null;
    const free = Math.max(0, pool.max - placesOf(stands[at] as PoolStanding) - asked);
    const missing = isHeld ? 0 : Math.min(free, Math.max(0, pool.min - ready.length - asked));
    const names = Array.from({ length: asked + missing }, (_none, index) => `${pool.name} (coming ${index + 1})`);
    return freshGrounds(fresh, space, names);
  });
  const offered = offers.map((offer, at) => ({
    ...offer,
    most: Math.max(0, offer.most - ((coming[at]?.length ?? 0) - (stands[at] as PoolStanding).coming)),
  }));
  return { waiting, rules, space, offers: offered, present, leaving, coming };
}

/** Whether it asks anything of where other pods are. */
function isChoosy({ apart = [], spread = [] }: PodNeeds): boolean {
  return apart.length + spread.length > 0;
}

function uncordoned(node: NodeState): NodeState {
  return { ...node, taints: node.taints.filter(({ key }) => key !== cordonTaint) };
}

/** How many of a pool's places are taken by nodes that are there, whatever they are worth. */
function placesOf({ present, broken }: PoolStanding): number {
  return present.length + broken;
}

/** Of a pool that failed one node is tried before more. */
function mostOf(pool: Pool, standing: PoolStanding, now: number): number {
  const { memory, coming } = standing;
  if (holdAt(memory, now) !== null) return 0;
  const free = Math.max(0, pool.max - placesOf(standing) - coming);
  return memory.failures === 0 ? free : Math.min(free, Math.max(0, 1 - coming));
}

function holdAt({ hold }: PoolMemory, now: number): PoolMemory["hold"] {
  return hold !== null && now < hold.until ? hold : null;
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

/** One number for how large a pod is, whatever it is large in. */
function sizeOf(ask: Float64Array): number {
  return ask.reduce((sum, one) => sum + Math.log1p(one), 0);
}

function keptFor(pods: readonly string[]): string {
  return pods.length === 1 ? `${pods[0]} needs it` : `${pods[0]} and ${pods.length - 1} more pods need it`;
}
