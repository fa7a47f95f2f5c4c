import type { DemandSource, Plan, SlaveRecord } from "@kubestack/contracts";
import { type Decision, type KnownSlave, type LaunchTemplate, shortfall, supplyOf } from "@kubestack/demand";
import type { TemplateConfig } from "@kubestack/templates";
import type { Allowance } from "./brake.ts";
import { standingOf } from "./holds.ts";
import type { LaunchEnd } from "./launch-history.ts";
import type { Slave } from "./roster.ts";

/** Everything a launch decision is made from. */
export interface LaunchSituation {
  readonly master: string;
  readonly source: DemandSource;
  readonly slaves: readonly Slave[];
  /** In config order; those that serve this master. */
  readonly templates: readonly TemplateConfig[];
  readonly maxSlaves: number;
  readonly allowance: Allowance;
  /** A template's failures since its last success. */
  readonly failuresOf: (template: string) => readonly LaunchEnd[];
  readonly now: number;
}

/** Decides what to launch for a round. Pure. */
export function decideLaunches(situation: LaunchSituation): Decision {
  const { source, slaves, templates, allowance } = situation;
  const unlabelled = new Set(templates.filter((template) => template.unlabelled).map(({ name }) => name));
  const known = slaves.map((slave) => knownSlave(slave, unlabelled));
  const alive = slaves.filter(({ record }) => record.state !== "deleted");
  const masterRoom = situation.maxSlaves - alive.length;
  return shortfall({
    items: source.items,
    supply: supplyOf(source, known),
    templates: templates.map((template) => launchTemplate(template, alive, situation)),
    allowance: allowance.launches,
    brake: allowance.reason,
    room: { slaves: masterRoom, cap: `${alive.length}/${situation.maxSlaves} slaves of master ${situation.master}` },
  });
}

function knownSlave({ record, shownOnline, endedAtRound }: Slave, unlabelled: ReadonlySet<string>): KnownSlave {
  return { record, shownOnline, endedAtRound, unlabelled: unlabelled.has(record.template) };
}

function launchTemplate(
  template: TemplateConfig,
  alive: readonly { record: SlaveRecord }[],
  { failuresOf, now }: LaunchSituation,
): LaunchTemplate {
  const own = alive.filter(({ record }) => record.template === template.name);
  const { name, labels, unlabelled, maxSlaves = Number.POSITIVE_INFINITY } = template;
  const { hold, onTrial } = standingOf(failuresOf(name), now);
  const starting = own.filter(({ record: { state } }) => state === "requested" || state === "scheduled").length;
  const room = onTrial
    ? { slaves: Math.min(maxSlaves - own.length, 1 - starting), cap: "after its failures one slave is tried first" }
    : { slaves: maxSlaves - own.length, cap: `${own.length}/${maxSlaves} slaves` };
  return { name, labels, unlabelled, room, hold };
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
