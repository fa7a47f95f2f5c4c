import {
  type DemandSource,
  listedItems,
  listedTemplates,
  type Plan,
  type SlaveRecord,
  type TemplateStanding,
} from "@kubestack/contracts";
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
  /** Why nothing is launched for the master now, if so. */
  readonly paused?: string | undefined;
  /** A template's failures since its last success. */
  readonly failuresOf: (template: string) => readonly LaunchEnd[];
  readonly now: number;
}

/** Decides what to launch for a round. Pure. */
export function decideLaunches(situation: LaunchSituation): Decision {
  const { source, slaves, templates, allowance } = situation;
  const unlabelled = new Set(templates.filter((template) => template.unlabelled).map(({ name }) => name));
  const known = slaves.map((slave) => ({
    ...knownSlave(slave, unlabelled),
    isKept: isKeptForItsBuild(slave.record, source.session),
  }));
  const alive = slaves.filter(({ record }) => record.state !== "deleted");
  const masterRoom = situation.maxSlaves - alive.length;
  return shortfall({
    items: source.items,
    supply: supplyOf(source, known),
    ownNames: alive.map(({ record }) => record.name),
    templates: templates.map((template) => launchTemplate(template, alive, situation)),
    paused: situation.paused,
    allowance: allowance.launches,
    brake: allowance.reason,
    room: { slaves: masterRoom, cap: `${alive.length}/${situation.maxSlaves} slaves of master ${situation.master}` },
  });
}

/**
 * Whether a slave, though it may show online and idle, is kept for a build that a restart of the master interrupted; also
 * before its record says so, in the first round of a new start.
 */
function isKeptForItsBuild({ state, life }: SlaveRecord, session: string | null): boolean {
  const isInterrupted = life.session !== null && session !== null && life.session !== session;
  return state === "busy" && (isInterrupted || life.builds.awaited.length > 0);
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

/** What is told to the world about a decision. */
export function planOf(decision: Decision, situation: LaunchSituation): Plan {
  const { master, source, templates, now } = situation;
  const launches = [...Map.groupBy(decision.launches, ({ template }) => template)].map(([template, intents]) => {
    const config = templates.find(({ name }) => name === template);
    return {
      template,
      count: intents.length,
      reason: intents[0]?.reason ?? "",
      shape: { cpu: config?.cpu ?? "0", memory: config?.memory ?? "0" },
      items: intents.slice(0, listedItems).map(({ item }) => item.id),
    };
  });
  return {
    master,
    at: now,
    round: { source: source.name, term: source.term, round: source.round },
    launches,
    templates: templates.slice(0, listedTemplates).map((template) => templateStanding(template, situation)),
    waiting: decision.waiting
      .slice(0, listedItems)
      .map(({ item, code, reason }) => ({ item: item.id, job: item.job, code, reason })),
    more: Math.max(0, decision.waiting.length - listedItems),
  };
}

/** No figure that changes with each second or slave: the plan is told anew whenever it says something else. */
function templateStanding(
  { name, labels, unlabelled, maxSlaves }: TemplateConfig,
  { failuresOf, now }: LaunchSituation,
): TemplateStanding {
  const { held = null } = standingOf(failuresOf(name), now);
  return { name, labels: [...labels], unlabelled, maxSlaves: maxSlaves ?? null, held };
}
