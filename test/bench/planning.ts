import type { Computer, DemandSource, QueueItem, SlaveRecord, SlaveState } from "@kubestack/contracts";
import { newLife } from "@kubestack/slave";
import { decideLaunches, type LaunchSituation, PlannedPods, planOf } from "@kubestack/slave-supervisor/testing";
import { templateConfigSchema } from "@kubestack/templates";
import { processorMs, quantile, type Ratio, rounded } from "./measure.ts";

/** Milliseconds of processor time that one pass over a master of this size may take, once code is compiled. */
const limitMs = 20;
const large = { slaves: 10_000, items: 5_000, templates: 200 };
const half = { slaves: 5_000, items: 2_500, templates: 100 };
const warmUps = 60;
const rounds = 15;
const minuteMs = 60_000;

/** A pass over a very large master: what waits, what is there, what is launched of which template, and the plan that tells so. */
export function benchPlanning(): Ratio {
  const taken = measured(large);
  const medianMs = quantile(taken, 0.5);
  return {
    name: `a pass over ${large.slaves} slaves, ${large.items} items and ${large.templates} templates to ${limitMs} ms`,
    ratio: rounded(medianMs / limitMs),
    limit: 1,
    figures: { medianMs: rounded(medianMs), mostMs: rounded(quantile(taken, 1)) },
  };
}

/** Twice of everything may take 2.3 times as long. */
export function benchPlanningGrowth(): Ratio {
  // The least of each was disturbed least by whatever else the machine does.
  const [onceMs, twiceMs] = [Math.min(...measured(half)), Math.min(...measured(large))];
  return {
    name: `a pass over ${half.slaves} slaves, ${half.items} items and ${half.templates} templates, doubled`,
    ratio: rounded(twiceMs / onceMs),
    limit: 2.3,
    figures: { onceMs: rounded(onceMs), twiceMs: rounded(twiceMs) },
  };
}

type Size = typeof large;

function measured(size: Size): number[] {
  const situation = situationOf(size);
  const taken: number[] = [];
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const ms = processorMs(() => pass(situation, size));
    if (round >= warmUps) taken.push(ms);
  }
  return taken;
}

function pass(situation: LaunchSituation, { items }: Size): void {
  const decided = decideLaunches(situation);
  const [{ decision } = { decision: undefined }] = decided;
  if ((decision?.launches.length ?? 0) + (decision?.waiting.length ?? 0) !== items)
    throw new Error("an item got no decision");
  const { templates, master } = situation;
  const granted = decided.flatMap(({ decision: { launches } }) =>
    launches.map(({ item, template, sized }) => ({ name: `ks-m-${item.id}`, template, size: sized?.size })),
  );
  const pods = new PlannedPods({ install: "i", master, namespace: "ci", templates, granted });
  planOf(decided, { ...situation, round: { source: "jenkins-queue", term: 1, round: 1 }, pods });
}

/** Labels, expressions and templates overlap; a quarter of the slaves each is idle, busy, on its way and only asked for. */
function situationOf({ slaves: count, items, templates }: Size): LaunchSituation {
  const labelsOf = (number: number) => ["linux", `tool-${number % templates}`, `tool-${(number + 1) % templates}`];
  const numbers = [...Array(count).keys()];
  const slaves = numbers.map((number) => {
    const of = (number * 13) % templates;
    const state = (["online", "busy", "scheduled", "requested"] as const)[number % 4] ?? "online";
    const record = recordOf(number, { state, template: `template-${of}`, labels: labelsOf(of) });
    const shownOnline = state === "online" || state === "busy";
    return { record, revision: 1, turn: Promise.resolve(), wakeAt: undefined, shownOnline, endedAtRound: undefined };
  });
  const computers = slaves.flatMap(({ record, shownOnline }) => (shownOnline ? [computerOf(record)] : []));
  const source: DemandSource = {
    ...{ name: "jenkins-queue", term: 1, round: 1, readAt: 0, queueReadAt: 1, state: "ok", session: "s" },
    ...{ quietingDown: false, computers },
    items: [...Array(items).keys()].map((number) => itemOf(number, templates)),
  };
  return {
    master: "m",
    sources: [source],
    sourceNames: [source.name],
    slaves,
    templates: [...Array(templates).keys()].map((number) =>
      templateConfigSchema.parse({
        name: `template-${number}`,
        labels: labelsOf(number),
        image: "i:1",
        maxSlaves: 500,
      }),
    ),
    maxSlaves: 2 * count,
    allowance: { launches: items, reason: "" },
    failuresOf: () => [],
    now: 0,
  };
}

function recordOf(
  number: number,
  of: { readonly state: SlaveState; readonly template: string; readonly labels: string[] },
): SlaveRecord {
  const limits = { scheduleMs: minuteMs, pullMs: minuteMs, startMs: minuteMs, connectMs: minuteMs };
  const life = newLife(
    { ...limits, idleMs: minuteMs, maxAgeMs: minuteMs, builds: 1 },
    { at: 0, reason: "for a measurement" },
  );
  const name = `ks-m-7f3k${(10_000 + number).toString(32)}`;
  return {
    ...{ version: 1, op: "op", install: "i", master: "m", name, epoch: "7f3k", number, nonce: "n", namespace: "ci" },
    ...of,
    unlabelled: false,
    item: null,
    life,
  };
}

function computerOf({ name, labels, state }: SlaveRecord): Computer {
  const builds = state === "busy" ? [{ url: `job/j/${name}/`, number: 1 }] : [];
  return { name, labels, online: true, idle: state !== "busy", markedOffline: false, executors: 1, builds };
}

function itemOf(number: number, templates: number): QueueItem {
  const [one, other] = [(number * 7) % templates, (number * 11) % templates];
  return {
    id: String(number),
    job: `folder/job-${number % 300}`,
    url: `job/folder/job/job-${number % 300}/`,
    wants: { kind: "expression", expression: `linux && (tool-${one} || tool-${other})` },
    labelOrigin: "labelExpression",
    waitingSince: number,
    why: "Waiting for next available executor",
  };
}
