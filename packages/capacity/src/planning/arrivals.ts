import { newPoolMemory, type PoolAsk, type PoolMemory, rememberedArrivals } from "@kubestack/contracts";
import type { NodeState } from "../node.ts";
import { hostLabel, zoneLabel } from "../placing/refusal.ts";
import type { Pool } from "../pool.ts";
import type { ExpectedArrival } from "../situation.ts";

/** How long a pool that failed to deliver is held, in milliseconds; doubled at each further failure. */
export const poolHoldLimits = { leastMs: 60_000, mostMs: 30 * 60_000 } as const;

/** How a pool stands. */
export interface PoolStanding {
  readonly memory: PoolMemory;
  /** Nodes that have arrived, whatever they are worth now. */
  readonly present: readonly NodeState[];
  /** Nodes that were asked for, by us or by others, and have not arrived. */
  readonly coming: number;
  /** Nodes that are there and have not become ready in the pool's time: they take their place in it. */
  readonly broken: number;
}

/**
 * Sets a pool's nodes against what was asked of it: a node has arrived when it is ready for the first time, and is one of those asked for
 * longest ago. What does not arrive in the pool's time counts as not delivered, and the pool is held.
 */
export function standingOf(
  pool: Pool,
  nodes: readonly NodeState[],
  of: { memory?: PoolMemory | undefined; now: number },
): PoolStanding {
  const { memory = newPoolMemory, now } = of;
  const isFirst = memory.seen === undefined;
  const seen = new Set(memory.seen);
  const present = nodes.filter(({ name, isReady }) => isReady || seen.has(name));
  const arrived = isFirst ? 0 : present.filter(({ name }) => !seen.has(name)).length;
  const { asks, arrivals } = delivered(memory.asks, arrived, now);
  const due = asks.filter(({ at }) => now - at < pool.deliverWithinMs);
  const missing = countOf(asks) - countOf(due);
  const answered = arrivals.length > 0 ? { failures: 0, hold: null } : { failures: memory.failures, hold: memory.hold };
  const next: PoolMemory = {
    asks: due,
    arrivals: [...memory.arrivals, ...arrivals].slice(-rememberedArrivals),
    seen: present.map(({ name }) => name).slice(0, 10_000),
    ...nodeSeen(pool, present, memory),
    ...answered,
  };
  const isPresent = new Set(present);
  const unready = nodes.filter((node) => !isPresent.has(node));
  // Those that others asked for, and that are on their way as long as they may be.
  const young = unready.filter(({ createdAt }) => now - createdAt < pool.deliverWithinMs).length;
  return {
    memory: missing === 0 ? next : heldMemory(next, { because: notDelivered(pool, missing), now }),
    present,
    coming: Math.max(countOf(due), young),
    broken: unready.length - young,
  };
}

/** What is remembered of a pool once it failed: also where its target refuses. What is not asked for any more is taken out of `asks` by who calls. */
export function heldMemory(
  memory: PoolMemory,
  { because, now }: { readonly because: string; readonly now: number },
): PoolMemory {
  const failures = memory.failures + 1;
  const ms = Math.min(poolHoldLimits.mostMs, poolHoldLimits.leastMs * 2 ** Math.min(failures - 1, 20));
  return { ...memory, failures, hold: { until: now + ms, because } };
}

/** How soon its nodes come, by those that came last; null where none did. */
export function expectedArrival({ arrivals }: PoolMemory): ExpectedArrival | null {
  if (arrivals.length === 0) return null;
  const sorted = arrivals.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), of: sorted.length };
}

function delivered(asks: readonly PoolAsk[], arrived: number, now: number) {
  const arrivals: number[] = [];
  const left = asks.flatMap(({ at, count }) => {
    const came = Math.min(count, arrived - arrivals.length);
    for (let one = 0; one < came; one += 1) arrivals.push(now - at);
    return came === count ? [] : [{ at, count: count - came }];
  });
  return { asks: left, arrivals };
}

export function countOf(asks: readonly PoolAsk[]): number {
  return asks.reduce((sum, { count }) => sum + count, 0);
}

function notDelivered({ deliverWithinMs }: Pool, missing: number): string {
  const seconds = Math.round(deliverWithinMs / 1000);
  return `${missing} ${missing === 1 ? "node has" : "nodes have"} not come within ${seconds} s`;
}

/** What one node has of its own, such as its name, the next one does not have. */
function nodeSeen(pool: Pool, present: readonly NodeState[], memory: PoolMemory): Pick<PoolMemory, "node"> {
  const ready = present.filter(({ isReady }) => isReady);
  const newest = ready.reduce<NodeState | undefined>(
    (one, other) => (one === undefined || other.createdAt > one.createdAt ? other : one),
    undefined,
  );
  if (newest === undefined) return memory.node === undefined ? {} : { node: memory.node };
  const own = ready.length === 1 ? [hostLabel, zoneLabel] : [hostLabel];
  const labels = Object.entries(newest.labels).filter(
    ([key, value]) => !own.includes(key) && ready.every((node) => node.labels[key] === value),
  );
  return { node: { allocatable: newest.allocatable, labels: { ...Object.fromEntries(labels), ...pool.nodeLabels } } };
}

/** How many of a pool's places are taken by nodes that are there, whatever they are worth. */
export function placesOf({ present, broken }: PoolStanding): number {
  return present.length + broken;
}

/** Why nothing is asked of a pool now; null where it is not held. */
export function holdAt({ hold }: PoolMemory, now: number): PoolMemory["hold"] {
  return hold !== null && now < hold.until ? hold : null;
}
