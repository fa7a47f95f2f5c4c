import type { LabelOrigin, Plan, QueueItem, SlaveRecord } from "@kubestack/contracts";
import { utcMinute } from "@kubestack/contracts";
import { type MasterStanding, printWish, standingOf } from "../seen/master-state.ts";
import type { Observation } from "../seen/observation.ts";
import { type Wait, waitsOf } from "../seen/waiting.ts";
import { viewOf } from "../slaves/slave-view.ts";
import { waitsOn } from "../slaves/waits-on.ts";
import { printAge, printSpan } from "../words/age.ts";
import { type ExpectedOnline, expectedOnline, printExpected } from "./expected-online.ts";
import type { Evidence, Explanation } from "./explanation.ts";
import { poolFacts, poolFor } from "./pool-facts.ts";
import { endOf, remedyFor, trailOf, waitEvidence } from "./slave-facts.ts";
import { templateFacts } from "./template-facts.ts";

/** Why one build waits. */
export function explainItem(
  { master, item }: { readonly master: string; readonly item: QueueItem },
  seen: Observation,
  now: number,
): Explanation {
  const standing = standingOf(master, seen, now);
  const wait = waitsOf({ master, state: standing.state }, seen).find((one) => one.item.id === item.id);
  const launched = seen.slaves.filter((slave) => slave.master === master && slave.item?.id === item.id);
  const slave = comingFor(wait, launched, seen);
  const expected = slave === undefined ? undefined : expectedOnline(slave, seen.slaves, now);
  const name = `${item.job} (queue item ${item.id} of ${master})`;
  const waits = item.waitingSince === null ? "waits" : `waits ${printAge(now - item.waitingSince)} for an agent`;
  return {
    kind: "item",
    name: item.id,
    master,
    sentence: `${name} ${waits}: ${whyIt(wait, { slave, standing, now })}${nodeFor(slave, seen)}.`,
    evidence: [
      ...queueFacts({ master, item }, seen),
      ...planFacts(wait, { master, seen }),
      ...launched.filter(({ state }) => state === "deleted").flatMap(endedLaunch),
      ...(slave === undefined ? [] : [...trailOf(slave), ...waitEvidence(slave, now), ...poolFacts(slave, seen)]),
    ],
    next: nextOf(wait, { slave, expected, now, master }),
    expected,
  };
}

/** The slave that is to take it: the one launched for it, or the one that the plan names. */
function comingFor(wait: Wait | undefined, launched: readonly SlaveRecord[], seen: Observation) {
  if (wait !== undefined && wait.code !== "slave-coming" && wait.code !== "own-slave") return undefined;
  const named = seen.slaves.find(({ name, state }) => state !== "deleted" && words(wait?.reason ?? "").has(name));
  return named ?? launched.findLast(({ state }) => ["requested", "scheduled", "online"].includes(state));
}

function words(sentence: string): Set<string> {
  return new Set(sentence.split(" "));
}

function whyIt(
  wait: Wait | undefined,
  { slave, standing, now }: { slave: SlaveRecord | undefined; standing: MasterStanding; now: number },
): string {
  if (wait === undefined) {
    const since = standing.since === null ? "" : ` since ${utcMinute(standing.since)}`;
    return `whether it still waits is unknown${since}, for its master is ${standing.state}: ${unpointed(standing.detail)}`;
  }
  if (slave !== undefined) {
    const { forMs } = viewOf(slave, now);
    const since = forMs === null ? "" : ` for ${printAge(forMs)}`;
    const what = waitsOn(slave, now);
    return `slave ${slave.name} is ${slave.state}${since}${what === null ? "" : ` and waits for ${unpointed(what)}`}`;
  }
  if (wait.code === "slave-coming") return wait.reason === "" ? "a slave is being launched for it" : wait.reason;
  return unpointed(wait.reason);
}

/** `: pool spot brings one`, where it is a node that is missing. */
function nodeFor(slave: SlaveRecord | undefined, seen: Observation): string {
  const pool = slave === undefined ? undefined : poolFor(slave, seen);
  if (pool === undefined || pool.isDryRun) return "";
  const soon = pool.arrival === null ? "" : `, usually within ${printSpan(pool.arrival.p50Ms)}`;
  return `; pool ${pool.pool} brings a node for it${soon}`;
}

/** What stands in a sentence of ours must not end it. */
function unpointed(text: string): string {
  return text.replace(/[.\s]+$/, "");
}

const origins: Readonly<Record<LabelOrigin, string>> = {
  labelExpression: "told by the queue",
  why: "read from the master's sentence",
  "config.xml": "read from the job's configuration",
  remembered: "remembered from an earlier round",
  told: "told by its source",
  none: "told by nothing",
};

function queueFacts({ master, item }: { master: string; item: QueueItem }, { rounds }: Observation): Evidence[] {
  const round = rounds.get(master)?.source;
  const items = round?.items ?? [];
  const ahead = items.filter(({ waitingSince }) => (waitingSince ?? 0) < (item.waitingSince ?? 0)).length;
  const others = items.filter(({ id, job }) => job === item.job && id !== item.id);
  const place = `place ${ahead + 1} of ${items.length}`;
  return [
    {
      at: item.waitingSince,
      fact: `queued at ${master}; wants ${printWish(item.wants)} (${origins[item.labelOrigin]})`,
    },
    { at: round?.queueReadAt ?? null, fact: `${place} in the newest round; the master says: ${item.why || "nothing"}` },
    ...(others.length === 0
      ? []
      : [
          {
            at: null,
            fact: `${others.length} more of this job ${others.length === 1 ? "waits" : "wait"}: ${idsOf(others)}`,
          },
        ]),
  ];
}

function idsOf(items: readonly QueueItem[]): string {
  const shown = items.slice(0, 5).map(({ id }) => id);
  return `${items.length === 1 ? "item" : "items"} ${shown.join(", ")}${items.length > 5 ? ", …" : ""}`;
}

function planFacts(wait: Wait | undefined, { master, seen }: { master: string; seen: Observation }): Evidence[] {
  const plan = seen.plans.get(master);
  if (wait === undefined || plan === undefined) return [];
  const launch = plan.launches.find(({ items }) => items?.includes(wait.item.id));
  const decided =
    launch === undefined
      ? wait.reason === "" || wait.code === "queued"
        ? []
        : [{ at: plan.at, fact: `decided: ${wait.reason}` }]
      : [{ at: plan.at, fact: `decided: a slave of template ${launch.template} is launched for it` }];
  return [...decided, ...templateFacts(wait.item, { master, seen }), ...capFacts(plan, seen), ...turnFacts(wait, plan)];
}

/** What waits for room, of whatever kind: items that wait for the same stand in the plan in the order in which they get it. */
const forRoom: readonly string[] = ["cap", "share", "brake"];

function turnFacts({ item, code, reason }: Wait, { waiting, more }: Plan): Evidence[] {
  if (!forRoom.includes(code)) return [];
  const inLine = waiting.filter((one) => one.code === code && one.reason === reason);
  const place = inLine.findIndex((one) => one.item === item.id) + 1;
  if (place === 0 || inLine.length < 2) return [];
  const all = more === 0 ? String(inLine.length) : `at least ${inLine.length}`;
  return [{ at: null, fact: `place ${place} of ${all} that wait for this` }];
}

/** `master backend has 205 of at most 300 slaves, all masters together have 612 of at most 800 slaves`. */
function capFacts({ master, maxSlaves: most }: Plan, { slaves }: Observation): Evidence[] {
  const living = slaves.filter(({ state }) => state !== "deleted");
  const own = living.filter((slave) => slave.master === master).length;
  const parts = [
    ...(most?.master == null ? [] : [`master ${master} has ${own} of at most ${most.master} slaves`]),
    ...(most?.all == null ? [] : [`all masters together have ${living.length} of at most ${most.all} slaves`]),
  ];
  return parts.length === 0 ? [] : [{ at: null, fact: parts.join(", ") }];
}

function endedLaunch(slave: SlaveRecord): Evidence[] {
  const { at, why } = endOf(slave);
  return [{ at, fact: `slave ${slave.name}, launched for it before, ${slave.life.outcome ?? "ended"}: ${why}` }];
}

function nextOf(
  wait: Wait | undefined,
  {
    slave,
    expected,
    now,
    master,
  }: { slave: SlaveRecord | undefined; expected: ExpectedOnline | undefined; now: number; master: string },
): string | null {
  const clock = slave === undefined ? null : viewOf(slave, now).clock;
  if (slave !== undefined && clock !== null && slave.state !== "online") {
    const remedy = remedyFor(slave);
    const when = expected === undefined ? "" : `${printExpected(expected, slave.template)}; `;
    if (remedy !== undefined)
      return `${remedy}; the slave is given up in ${printAge(clock.leftMs)} if it does not come further (${clock.name})`;
    return `${when}the slave is given up in ${printAge(clock.leftMs)} if it does not come further (${clock.name}), and another one is launched`;
  }
  switch (wait?.code) {
    case undefined:
      return `kubestackcmd doctor ${master} says what is wrong with it`;
    case "not-ours":
      return "give a template this label, or leave the build to whoever serves it";
    case "job":
      return "add the job to the template's jobs, give another template this label, or leave the build to whoever serves it";
    case "size":
      return "ask for a size that the template allows, or let its overrides allow more";
    case "label-unknown":
      return `kubestackcmd doctor ${master} says which of the sources of labels can be read`;
    case "too-large":
      return "ask for less, or let the cap be larger";
    case "share":
    case "cap":
      return "it is launched for as soon as one of these slaves is gone";
    case "held":
      return "mend what failed; kubestackcmd lift has one slave tried then, before more";
    case "unsupervised":
      return "start one: kubestackd slave-supervisor";
    default:
      return null;
  }
}
