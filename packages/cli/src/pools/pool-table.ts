import type { PoolStanding } from "@kubestack/contracts";
import { printAge, printSpan } from "@kubestack/explain";
import { printSecond } from "../text/local-time.ts";
import type { Column } from "../text/table.ts";

/** The columns of `pools`. */
export function poolColumns(now: number): Column<PoolStanding>[] {
  return [
    { head: "POOL", cell: ({ pool }) => pool, keep: true },
    { head: "TARGET", cell: targetOf, keep: true },
    { head: "NODES", cell: nodesOf, align: "right", keep: true },
    { head: "WANTED", cell: ({ wanted }) => numberOf(wanted), align: "right", keep: true },
    { head: "MIN..MAX", cell: ({ min, max }) => (max === null ? null : `${min ?? 0}..${max}`), keep: true },
    {
      head: "USED",
      cell: ({ used }) => (used === null ? null : `${Math.round(used * 100)}%`),
      align: "right",
      spare: 2,
    },
    { head: "PRICE/H", cell: priceOf, align: "right", spare: 3 },
    { head: "ARRIVES P50/P95", cell: arrivalOf, spare: 4 },
    { head: "STATE", cell: (pool) => stateOf(pool, now), style: (pool) => (isWell(pool) ? "green" : "red") },
    {
      head: "LAST",
      cell: ({ last }) => (last === null ? null : `${printSecond(last.at, now)} ${last.event}: ${last.reason}`),
      spare: 1,
    },
  ];
}

function targetOf({ target, isDryRun, isSpot }: PoolStanding): string {
  return [target, ...(isSpot ? ["spot"] : []), ...(isDryRun ? ["(dry run)"] : [])].join(" ");
}

/** `?`: nobody has read them. `24+2`: those that are there, and those that come; what is there and not ready yet comes, too. */
export function nodesOf({ isKnown, ready, nodes, coming }: PoolStanding): string {
  if (!isKnown) return "?";
  const more = nodes - ready + coming;
  return more === 0 ? String(ready) : `${ready}+${more}`;
}

function numberOf(count: number | null): string | null {
  return count === null ? null : String(count);
}

function priceOf({ isKnown, nodes, pricePerHour }: PoolStanding): string | null {
  return pricePerHour === 0 || !isKnown ? null : (nodes * pricePerHour).toFixed(2);
}

function arrivalOf({ arrival }: PoolStanding): string | null {
  return arrival === null ? null : `${printSpan(arrival.p50Ms)}/${printSpan(arrival.p95Ms)} (of ${arrival.of})`;
}

function isWell({ hold, trouble }: PoolStanding): boolean {
  return hold === null && trouble === "";
}

/** What a person has to know of it now. */
function stateOf({ hold, trouble, leaving }: PoolStanding, now: number): string {
  if (hold !== null && hold.until > now) return `held ${printAge(hold.until - now)}: ${hold.because}`;
  if (trouble !== "") return trouble;
  const [first, ...others] = leaving;
  if (first === undefined) return "ok";
  return others.length === 0 ? `node ${first.node} leaves: ${first.reason}` : `${leaving.length} nodes leave`;
}
