import { utcMinute } from "@kubestack/contracts";
import { ownerOf, standingOf } from "../seen/master-state.ts";
import type { Observation } from "../seen/observation.ts";
import { waitingOf } from "../seen/waiting.ts";
import { printAge } from "../words/age.ts";
import type { Explanation } from "./explanation.ts";
import { countStates, standingFact } from "./template-facts.ts";

/** How a master stands, and why its builds wait. */
export function explainMaster(master: string, seen: Observation, now: number): Explanation {
  const standing = standingOf(master, seen, now);
  const { groups, notOurs } = waitingOf([{ master, state: standing.state }], seen);
  const waiting = [...groups, ...notOurs].reduce((sum, { builds }) => sum + builds, 0);
  const isUnknown = ["refused", "unreachable", "unread", "starting"].includes(standing.state);
  const since = standing.since === null ? "" : ` since ${utcMinute(standing.since)}`;
  const round = seen.rounds.get(master);
  const plan = seen.plans.get(master);
  return {
    kind: "master",
    name: master,
    master,
    sentence: isUnknown
      ? `The demand of ${master} is unknown${since}, it is ${standing.state}: ${standing.detail.replace(/\.$/, "")}.`
      : `${master} is ${standing.state}${standing.detail === "" ? "" : ` (${standing.detail})`}; ${waiting === 1 ? "1 build waits" : `${waiting} builds wait`} there.`,
    evidence: [
      { at: null, fact: `supervised by ${ownerOf(master, seen) ?? "nobody"}` },
      ...(round === undefined
        ? []
        : [
            {
              at: round.publishedAt,
              fact: `newest round: ${round.source.term}.${round.source.round}, ${round.source.state}`,
            },
          ]),
      { at: null, fact: countStates(seen.slaves.filter((slave) => slave.master === master)) },
      ...(plan?.templates ?? [])
        .filter(({ held }) => held !== null)
        .map((template) => ({ at: plan?.at ?? null, fact: standingFact(template, { master, seen }) })),
      ...groups.map(({ reason, builds, oldestSince }) => ({
        at: oldestSince,
        fact: `${builds === 1 ? "1 build waits" : `${builds} builds wait`}${oldestSince === null ? "" : `, the oldest ${printAge(now - oldestSince)}`}: ${reason}`,
      })),
      ...notOurs.map(({ wants, builds }) => ({
        at: null,
        fact: `${builds} ${builds === 1 ? "wants" : "want"} ${wants}, which no template serves`,
      })),
    ],
    next: isUnknown ? `kubestackcmd doctor ${master} says what is wrong with it` : null,
  };
}
