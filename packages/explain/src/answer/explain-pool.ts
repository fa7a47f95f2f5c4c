import type { PoolStanding } from "@kubestack/contracts";
import type { Observation } from "../seen/observation.ts";
import type { Evidence, Explanation } from "./explanation.ts";
import { arrivals, inTheWay } from "./pool-facts.ts";

/** So many of the slaves that wait for a pool's nodes are named. */
const namedAtMost = 5;

/** How a node pool stands, and why it is to have as many nodes as it is. */
export function explainPool(pool: PoolStanding, { pools }: Observation, now: number): Explanation {
  const trouble = inTheWay(pool, now);
  return {
    kind: "pool",
    name: pool.pool,
    master: null,
    sentence: `Pool ${pool.pool} ${sizeOf(pool)}${trouble === undefined ? "" : `; nothing is asked of it: ${trouble.replace(/\.$/, "")}`}.`,
    evidence: [
      { at: null, fact: targetOf(pool) },
      ...(pool.reason === "" ? [] : [{ at: pools?.at ?? null, fact: `decided: ${pool.reason}` }]),
      ...waitingFor(pool),
      ...arrivals(pool).map((fact) => ({ at: null, fact })),
      ...pool.leaving.map(({ node, step, reason }) => ({ at: null, fact: `node ${node} is ${step}: ${reason}` })),
      ...(pool.last === null ? [] : [{ at: pool.last.at, fact: `last: ${pool.last.event}, ${pool.last.reason}` }]),
    ],
    next: trouble === undefined ? null : "where another pool has room, that one is asked meanwhile",
  };
}

function sizeOf({ isKnown, ready, nodes, coming, wanted }: PoolStanding): string {
  if (!isKnown) return "has an unknown number of nodes";
  const more = nodes - ready + coming;
  const come = more === 0 ? "" : ` and ${more} on ${more === 1 ? "its" : "their"} way`;
  return `has ${ready === 1 ? "1 ready node" : `${ready} ready nodes`}${come}${wanted === null ? "" : `, and is to have ${wanted}`}`;
}

function targetOf({ target, isDryRun, isSpot, min, max, pricePerHour, used }: PoolStanding): string {
  const parts = [
    `its target is ${target}${isDryRun ? ", which only says what it would do" : ""}`,
    ...(max === null ? [] : [`${min ?? 0} to ${max} nodes`]),
    ...(isSpot ? ["spot"] : []),
    ...(pricePerHour === 0 ? [] : [`${pricePerHour} an hour each`]),
    ...(used === null ? [] : [`${Math.round(used * 100)}% of its nodes is asked for`]),
  ];
  return parts.join(", ");
}

function waitingFor({ slaves = [] }: PoolStanding): Evidence[] {
  if (slaves.length === 0) return [];
  const more = slaves.length > namedAtMost ? ` and ${slaves.length - namedAtMost} more` : "";
  return [{ at: null, fact: `nodes come for ${slaves.slice(0, namedAtMost).join(", ")}${more}` }];
}
