import type { Outcome, SlaveRecord } from "@kubestack/contracts";
import { utcMinute } from "@kubestack/contracts";
import { launchKind } from "@kubestack/demand";
import { toldHold } from "@kubestack/slave";
import type { Observation } from "../seen/observation.ts";
import { type SlaveView, viewOf } from "../slaves/slave-view.ts";
import { printAge } from "../words/age.ts";
import { buildName } from "../words/build-name.ts";
import { expectedOnline, printExpected } from "./expected-online.ts";
import type { Evidence, Explanation } from "./explanation.ts";
import { poolFacts } from "./pool-facts.ts";
import { endOf, trailOf, waitEvidence } from "./slave-facts.ts";

/** How a slave that is over ended and why, or what one that lives waits for. */
export function explainSlave(
  record: SlaveRecord,
  seen: Pick<Observation, "slaves" | "pools">,
  now: number,
): Explanation {
  const view = viewOf(record, now);
  const expected = expectedOnline(record, seen.slaves, now);
  return {
    kind: "slave",
    name: record.name,
    master: record.master,
    sentence: `${record.name} ${sentenceFor(record, view, now)}.`,
    evidence: [
      ...birth(record),
      ...trailOf(record),
      ...waitEvidence(record, now),
      ...poolFacts(record, seen),
      ...holding(record, view),
    ],
    next:
      [...(expected === undefined ? [] : [printExpected(expected, record.template)]), ...nextOf(view, record)].join(
        "; ",
      ) || null,
    expected,
  };
}

const outcomes: Readonly<Record<Outcome, string>> = {
  served: "it ran its build",
  failed: "its launch failed",
  withdrawn: "it was withdrawn before it ran a build",
};

function sentenceFor(record: SlaveRecord, view: SlaveView, now: number): string {
  const { life, state } = record;
  const since = view.forMs === null ? "" : ` for ${printAge(view.forMs)}`;
  const { why } = endOf(record);
  switch (state) {
    case "deleted": {
      const when = view.since === null ? "" : ` since ${utcMinute(view.since)}`;
      const how = life.outcome === null ? "how it ended is not kept" : outcomes[life.outcome];
      return `is over${when}: ${how} (${why})`;
    }
    case "draining":
      if (view.held !== null) return `is ${heldBy(record, now)}: it takes no build, and its pod stays`;
      return `goes${since} (${why}); ${view.waitsOn ?? "nothing more is left"}`;
    case "busy":
      return `runs ${life.builds.current === null ? "a build" : buildName(life.builds.current.url)}${since}${
        life.lost !== null
          ? `; its pod was lost (${life.lost.reason}), and another one follows: it waits for ${view.waitsOn}`
          : ""
      }${
        life.lost === null && view.waitsOn?.startsWith("its agent") ? `; it waits for ${view.waitsOn}` : ""
      }${view.held === null ? "" : `; it is ${heldBy(record, now)}, and stays after it`}`;
    default:
      return `is ${state}${since} and waits for ${view.waitsOn ?? "nothing"}`;
  }
}

function heldBy({ life: { held } }: SlaveRecord, now: number): string {
  return held === null ? "held" : `held by ${held.by} for ${printAge(held.until - now)} more`;
}

function holding({ life: { held } }: SlaveRecord, view: SlaveView): Evidence[] {
  if (held === null || view.held === null) return [];
  return [
    { at: held.at, fact: toldHold(held) },
    { at: null, fact: `kubectl exec -n ${view.namespace} -it ${view.pod} -- sh looks into it` },
  ];
}

function birth({ template, size, labels, item, isWarm, namespace, life }: SlaveRecord): Evidence[] {
  const wanted =
    item === null ? (isWarm ? "no queue item, to be idle" : "no queue item") : `${item.job}, queue item ${item.id}`;
  return [
    {
      at: life.trail[0]?.at ?? null,
      fact: `launched for ${wanted}; template ${launchKind(template, size)} [${labels.join(" ")}], namespace ${namespace}`,
    },
  ];
}

function nextOf({ clock, state }: SlaveView, { life }: SlaveRecord): string[] {
  if (state === "deleted") return ["its record is kept for a day"];
  if (clock === null) return [];
  if (clock.name === "hold")
    return [`its hold is over in ${printAge(clock.leftMs)}; kubestackcmd release ends it sooner`];
  const end =
    state === "busy" && life.lost === null
      ? "it takes no further build"
      : state === "online"
        ? "it goes"
        : "it is given up";
  return [`${end} in ${printAge(clock.leftMs)} unless something happens before (${clock.name})`];
}
