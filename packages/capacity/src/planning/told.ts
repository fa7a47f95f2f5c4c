import type { PoolMemory } from "@kubestack/contracts";
import { affordable, type Purse } from "../packing/problem.ts";
import type { Rules, Waiting } from "../placing/fill.ts";
import type { Space } from "../placing/space.ts";
import type { Unplaced } from "../situation.ts";
import type { Offer } from "./buy.ts";

/** What a pool's target is told by. */
export interface Asking {
  readonly ask: number;
  /** Of these, to come to the pool's minimum. */
  readonly forMinimum: number;
  readonly coming: number;
  /** Pods that the nodes asked for now are for. */
  readonly pods: number;
  /** Pods that nodes on their way are for. */
  readonly awaiting: number;
  readonly hold: PoolMemory["hold"];
}

/** Why a pool is to have so many nodes. */
export function targetReason({ ask, forMinimum, coming, pods, awaiting, hold }: Asking, minimum: number): string {
  const told = [
    ...(ask > forMinimum ? [`${nodes(ask - forMinimum)} for ${count(pods, "pod")} that no node has room for`] : []),
    ...(forMinimum > 0 ? [`${nodes(forMinimum)} to come to its minimum of ${minimum}`] : []),
    ...(coming > 0 ? [`${nodes(coming)} on the way${awaiting > 0 ? `, for ${count(awaiting, "pod")}` : ""}`] : []),
    ...(hold === null ? [] : [`it is held: ${hold.because}`]),
  ];
  return told.length === 0 ? "no pod waits for it" : told.join("; ");
}

function nodes(many: number): string {
  return count(many, "node");
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

/** What pools are asked about. */
interface Market {
  readonly offers: readonly Offer[];
  readonly rules: Rules;
  readonly space: Space;
}

/** What found no place, and why not in any pool. */
export function unplacedOf(
  waiting: readonly Waiting[],
  market: Market,
  left: {
    readonly purse: Purse;
    readonly memories: ReadonlyMap<string, PoolMemory>;
    readonly bought: readonly number[];
  },
): Unplaced[] {
  return waiting.flatMap((one) => {
    const { kind, placed } = one;
    if (placed === kind.names.length) return [];
    const because = market.offers.map((offer, at) => ({
      pool: offer.pool.name,
      reason: whyNot(one, { ...market, ...left, offer, bought: left.bought[at] ?? 0 }),
    }));
    return [{ names: kind.names.slice(placed), needs: kind.needs, because }];
  });
}

function whyNot(
  { kind: { needs, ask } }: Waiting,
  of: Omit<Market, "offers"> & {
    readonly offer: Offer;
    readonly bought: number;
    readonly purse: Purse;
    readonly memories: ReadonlyMap<string, PoolMemory>;
  },
): string {
  const { offer, space, rules, purse } = of;
  const { pool, fresh, most } = offer;
  if (needs.pools !== undefined && !needs.pools.includes(pool.name))
    return `the template names other pools: ${needs.pools.join(", ")}`;
  const refusal = rules.acceptance.refusal(needs, fresh.host);
  if (refusal !== null) return refusal;
  const shortage = space.shortage(ask, space.room(fresh.allocatable));
  if (shortage !== undefined) return shortage;
  const memory = of.memories.get(pool.name);
  if (most === 0 && memory?.hold != null) return `it is held: ${memory.hold.because}`;
  const { cpu = 0, memory: bytes = 0 } = pool.shape;
  const takes = { cpu, memory: bytes, pricePerHour: pool.pricePerHour };
  if (affordable({ room: ask, rank: 0, most, pricePerHour: pool.pricePerHour, takes }, purse) === 0)
    return "one more of its nodes would be over the limits of all pools together";
  if (most <= of.bought)
    return (memory?.failures ?? 0) > 0
      ? "it did not deliver before: one node is tried first"
      : `it has its maximum of ${pool.max} nodes`;
  return "no node of it would keep the pods as far apart as they ask";
}
