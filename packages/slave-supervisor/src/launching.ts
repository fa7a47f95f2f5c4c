import type { DemandSource, Plan, SlaveRecord } from "@kubestack/contracts";
import { type Decision, type KnownSlave, type LaunchTemplate, shortfall, supplyOf } from "@kubestack/demand";
import type { TemplateConfig } from "@kubestack/templates";
import { holdOf, type LaunchEnd } from "./holds.ts";
import type { Slave } from "./roster.ts";

/** Everything a launch decision is made from. */
export interface LaunchSituation {
  readonly master: string;
  readonly source: DemandSource;
  readonly slaves: readonly Slave[];
  /** In config order; those that serve this master. */
  readonly templates: readonly TemplateConfig[];
  readonly maxSlaves: number;
  readonly launchesPerMinute: number;
  /** When slaves were launched, in milliseconds of NATS's time. */
  readonly births: readonly number[];
  readonly ends: readonly LaunchEnd[];
  readonly now: number;
}

/** Decides what to launch for a round. Pure. */
export function decideLaunches(situation: LaunchSituation): Decision {
  const { source, slaves, templates, now } = situation;
  const unlabelled = new Set(templates.filter((template) => template.unlabelled).map(({ name }) => name));
  const known = slaves.map((slave) => knownSlave(slave, unlabelled));
  const alive = slaves.filter(({ record }) => record.state !== "deleted");
  const allowance = situation.launchesPerMinute - situation.births.filter((at) => now - at < 60_000).length;
  const masterRoom = situation.maxSlaves - alive.length;
  return shortfall({
    items: source.items,
    supply: supplyOf(source, known),
    templates: templates.map((template) => launchTemplate(template, alive, situation)),
    allowance: Math.max(0, allowance),
    room: { slaves: masterRoom, cap: `${alive.length}/${situation.maxSlaves} slaves of master ${situation.master}` },
  });
}

function knownSlave({ record, shownOnline, endedAtRound }: Slave, unlabelled: ReadonlySet<string>): KnownSlave {
  return { record, shownOnline, endedAtRound, unlabelled: unlabelled.has(record.template) };
}

function launchTemplate(
  template: TemplateConfig,
  alive: readonly { record: SlaveRecord }[],
  { ends, now }: LaunchSituation,
): LaunchTemplate {
  const own = alive.filter(({ record }) => record.template === template.name).length;
  const { name, labels, unlabelled, maxSlaves = Number.POSITIVE_INFINITY } = template;
  const room = { slaves: maxSlaves - own, cap: `${own}/${maxSlaves} slaves` };
  return { name, labels, unlabelled, room, hold: holdOf(name, ends, now) };
}

/** At most this many waiting items are listed with their reasons. */
const listedItems = 2000;

/** What is told to the world about a decision. */
export function planOf(decision: Decision, situation: LaunchSituation): Plan {
  const { master, source, templates, now } = situation;
  const counts = new Map<string, { count: number; reason: string }>();
  for (const { template, reason } of decision.launches) {
    const before = counts.get(template);
    counts.set(template, { count: (before?.count ?? 0) + 1, reason: before?.reason ?? reason });
  }
  const launches = [...counts].map(([template, { count, reason }]) => {
    const config = templates.find(({ name }) => name === template);
    return { template, count, reason, shape: { cpu: config?.cpu ?? "0", memory: config?.memory ?? "0" } };
  });
  return {
    master,
    at: now,
    round: { source: source.name, term: source.term, round: source.round },
    launches,
    waiting: decision.waiting
      .slice(0, listedItems)
      .map(({ item, code, reason }) => ({ item: item.id, job: item.job, code, reason })),
    more: Math.max(0, decision.waiting.length - listedItems),
  };
}
