import { type PoolStanding, podNameOf, type SlaveRecord, utcMinute } from "@kubestack/contracts";
import type { Observation } from "../seen/observation.ts";
import { printSpan } from "../words/age.ts";
import type { Evidence } from "./explanation.ts";

/** Which pool brings a node for a slave that waits for one; undefined: none, or nobody says. */
export function poolFor(slave: SlaveRecord, { pools }: Pick<Observation, "pools">): PoolStanding | undefined {
  if (!waitsForNode(slave)) return undefined;
  return pools?.pools.find(({ slaves = [] }) => slaves.includes(slave.name) || slaves.includes(podNameOf(slave)));
}

/** What node pools have to say of a slave that waits for a node: which of them brings one and when, or why none has room. */
export function poolFacts(slave: SlaveRecord, seen: Pick<Observation, "pools">): Evidence[] {
  if (!waitsForNode(slave)) return [];
  const pool = poolFor(slave, seen);
  const names = [slave.name, podNameOf(slave)];
  const found = seen.pools?.unplaced.find(({ pods }) => names.some((name) => pods.includes(name)));
  return [
    ...(pool === undefined ? [] : [{ at: pool.last?.at ?? null, fact: toldPool(pool) }]),
    ...(found === undefined ? [] : [{ at: null, fact: `no node pool has room for it: ${found.because}` }]),
  ];
}

/** `pool spot brings a node for it, 22 -> 24 nodes: 2 pods do not fit; its last 20 nodes took p50 68s, p95 95s`. */
function toldPool(pool: PoolStanding): string {
  const { pool: name, nodes, wanted, reason, isDryRun } = pool;
  const size = wanted === null || wanted <= nodes ? "" : `, ${nodes} -> ${wanted} nodes`;
  const why = reason === "" ? "" : `: ${reason}`;
  const what = isDryRun ? "would bring a node for it, were it not to say so only" : "brings a node for it";
  return [`pool ${name} ${what}${size}${why}`, ...arrivals(pool)].join("; ");
}

/** How soon a pool's nodes come. */
export function arrivals({ arrival }: PoolStanding): string[] {
  if (arrival === null) return [];
  const { of, p50Ms, p95Ms } = arrival;
  return [`its last ${of === 1 ? "node" : `${of} nodes`} took p50 ${printSpan(p50Ms)}, p95 ${printSpan(p95Ms)}`];
}

/** Why nothing is asked of a pool now, if so. */
export function inTheWay({ hold, trouble }: PoolStanding, now: number): string | undefined {
  if (hold !== null && hold.until > now) return `held until ${utcMinute(hold.until)}: ${hold.because}`;
  return trouble === "" ? undefined : trouble;
}

function waitsForNode({ state, life }: SlaveRecord): boolean {
  const isStarting = state === "requested" || state === "scheduled" || life.lost !== null;
  return isStarting && life.pod.node === null;
}
