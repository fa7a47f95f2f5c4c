import type { History } from "./history.ts";
import type { Violation } from "./invariants.ts";
import { measuresOf } from "./measures.ts";
import { faultText, storyOf } from "./story.ts";

/** Most slaves whose whole stories are told: the first ones explain the rest. */
const mostStories = 8;

/** What is printed of every run. */
export function summaryOf(history: History): string[] {
  const { builds, launches, survived, takeover, health } = measuresOf(history);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const pods = history.sightings.filter(({ what }) => what.startsWith("pod created")).length;
  return [
    `builds     ${builds.all}: ${builds.well} ended well, ${builds.endedByFaults} otherwise; ${builds.shared} shared a slave`,
    `launches   ${launches.all} = ${launches.served} served + ${launches.failed} failed + ${launches.withdrawn} withdrawn + ${launches.alive} alive; ${pods} pods created`,
    `faults     ${[...survived].map(([kind, count]) => `${count} ${kind}`).join(", ") || "none"}`,
    `takeover   ${takeover === undefined ? "none after a kill" : `longest ${seconds(takeover.ms)} from kill to owner (${takeover.what})`}`,
    "health     from a fault's end, when a build is queued, to the first start of one that came since; the longest of each kind:",
    ...[...health].map(([kind, { ms, what }]) => `           ${seconds(ms).padStart(7)}  ${kind} (${what})`),
    `ended      by themselves, and started again: ${history.startedAgain.join(", ") || "none"}`,
    `took       ${seconds(history.endedAt - history.beganAt)}`,
  ];
}

/** What is printed besides where a rule was broken. */
export function failureOf(history: History, violations: readonly Violation[]): string[] {
  const slaves = [...new Set(violations.flatMap((violation) => violation.slaves))];
  return [
    "",
    "FAULTS",
    ...history.faults.map((fault) => `  ${faultText(fault, history.beganAt)}`),
    "",
    "BROKEN RULES",
    ...violations.map(({ rule, says }) => `  ${rule}: ${says}`),
    "",
    "STORIES",
    ...slaves.slice(0, mostStories).flatMap((slave) => [...storyOf(slave, history), ""]),
    ...(slaves.length > mostStories
      ? [`and ${slaves.length - mostStories} more slaves: ${slaves.slice(mostStories).join(", ")}`]
      : []),
  ];
}
