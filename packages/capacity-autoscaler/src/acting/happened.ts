import type { CapacityEvent, PoolMemory, Removal } from "@kubestack/contracts";
import { toldNames } from "@kubestack/contracts";

/** What befell a pool between two decisions, as its memory shows it. Pure. */
export function happenedTo(
  pool: string,
  { before, after }: { readonly before: PoolMemory; readonly after: PoolMemory },
  now: number,
): CapacityEvent[] {
  return [...deliveredTo(pool, before, after), ...heldBack(pool, before, after)].map((event) => ({
    ...event,
    at: now,
  }));
}

/** Nodes that were being removed and are gone; undefined where there is none. Pure. */
export function removedFrom(
  pool: string,
  { before, after }: { readonly before: readonly Removal[]; readonly after: readonly Removal[] },
  now: number,
): CapacityEvent | undefined {
  const left = new Set(after.map(({ node }) => node));
  const gone = before.filter(({ node, step }) => step === "removing" && !left.has(node));
  const [first] = gone;
  if (first === undefined) return undefined;
  const nodes = gone.map(({ node }) => node).slice(0, toldNames);
  const what = gone.length === 1 ? `node ${first.node} is gone` : `${gone.length} nodes are gone`;
  return { pool, event: "removed", reason: `${what}: ${first.reason}`, nodes, at: now };
}

type Untimed = Omit<CapacityEvent, "at">;

/** Nodes that were there when a pool was first seen were not delivered. */
function deliveredTo(pool: string, { seen: known, arrivals: old }: PoolMemory, after: PoolMemory): Untimed[] {
  if (known === undefined) return [];
  const before = new Set(known);
  const nodes = (after.seen ?? []).filter((name) => !before.has(name));
  if (nodes.length === 0) return [];
  const tookMs = newArrivals(old, after.arrivals).reduce((most, took) => Math.max(most, took), 0);
  const count = nodes.length === 1 ? `node ${nodes[0]}` : `${nodes.length} nodes`;
  const took = tookMs === 0 ? "" : `, ${Math.round(tookMs / 1000)} s after the ask`;
  const reason = `${count} came${took}`;
  return [{ pool, event: "delivered", reason, nodes: nodes.slice(0, toldNames), ...(tookMs === 0 ? {} : { tookMs }) }];
}

/** Those that were put behind what was remembered; the oldest ones may have been dropped meanwhile. */
function newArrivals(before: readonly number[], after: readonly number[]): readonly number[] {
  for (let dropped = 0; dropped <= before.length; dropped += 1) {
    const kept = before.slice(dropped);
    if (kept.every((took, at) => after[at] === took)) return after.slice(kept.length);
  }
  return after;
}

function heldBack(pool: string, { hold: before }: PoolMemory, { hold, failures }: PoolMemory): Untimed[] {
  if (hold === null || (before !== null && before.until >= hold.until)) return [];
  const times = failures > 1 ? ` (${failures} times in a row)` : "";
  return [{ pool, event: "held", reason: `${hold.because}${times}`, until: hold.until }];
}
