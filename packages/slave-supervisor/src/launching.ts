import {
  type DemandSource,
  listedItems,
  listedTemplates,
  type Plan,
  type PodSize,
  type SlaveRecord,
  type TemplateStanding,
} from "@kubestack/contracts";
import {
  type Caps,
  type ClaimingSlave,
  claimsOf,
  type Decision,
  type IdleWish,
  type KnownSlave,
  type LaunchIntent,
  type LaunchStanding,
  type LaunchTemplate,
  launchKind,
  type Room,
  type Situation,
  type Supply,
  shortfall,
  supplyByCount,
  supplyOf,
  type WaitReason,
} from "@kubestack/demand";
import { requestsOf, type TemplateConfig, type WarmTarget } from "@kubestack/templates";
import type { Allowance } from "./brake.ts";
import { type IsUnder, membersIn, sharedRoom } from "./caps/members.ts";
import { sharesUnder } from "./caps/template-shares.ts";
import { barOf, holdsOf, type TroubledThing } from "./failures/standings.ts";
import { standingOf } from "./holds.ts";
import type { LaunchEnd } from "./launch-history.ts";
import type { PlannedPods } from "./planned-pods.ts";
import type { Slave } from "./roster.ts";

/** Everything a launch decision is made from. */
export interface LaunchSituation {
  readonly master: string;
  /** Those whose newest round may launch anything; the first is the one that shows computers, where any does. */
  readonly sources: readonly DemandSource[];
  /** The names of all of the master's sources, in their order, whether or not they may launch anything now. */
  readonly sourceNames: readonly string[];
  readonly slaves: readonly Slave[];
  /** In config order; those that serve this master. */
  readonly templates: readonly TemplateConfig[];
  readonly maxSlaves: number;
  readonly allowance: Allowance;
  /** Why nothing is launched for the master now, if so. */
  readonly paused?: string | undefined;
  /** The failures of a `launchKind` since its last success. */
  readonly failuresOf: (kind: string) => readonly LaunchEnd[];
  /** How all stand that have failures since their last success. Default: none has. */
  readonly troubled?: readonly TroubledThing[];
  /** What its templates share: the narrowest of the master's caps and those of all masters. Default: slaves are counted. */
  readonly caps?: Caps;
  /** How many slaves of which templates are to be idle; only a source that shows computers shows them. Default: none. */
  readonly warm?: ReadonlyMap<string, WarmTarget>;
  readonly now: number;
}

/** What is decided for one source. */
export interface SourceDecision {
  readonly source: DemandSource;
  readonly decision: Decision;
}

/**
 * Decides what to launch for the newest round of each source, one after the other: what is launched for one counts for the
 * caps of the next. A slave counts for the source that it was launched for, and for no other. Pure.
 */
export function decideLaunches(situation: LaunchSituation): SourceDecision[] {
  const decided: SourceDecision[] = [];
  for (const source of situation.sources) {
    const planned = decided.flatMap(({ decision }) => decision.launches);
    decided.push({ source, decision: decideFor(source, planned, situation) });
  }
  return decided;
}

/**
 * Slaves that no item needs, source by source. One that showed less than it holds does not show that a slave is left over: what
 * could not be read may be the item that it is for.
 */
export function leftOver(decided: readonly SourceDecision[]): string[] {
  return decided.flatMap(({ source, decision }) => ((source.unread?.items ?? 0) > 0 ? [] : decision.surplus));
}

function decideFor(source: DemandSource, planned: readonly LaunchIntent[], situation: LaunchSituation): Decision {
  const { slaves, templates } = situation;
  const unlabelled = new Set(templates.filter((template) => template.unlabelled).map(({ name }) => name));
  const onPools = new Set(templates.filter(({ pools = [] }) => pools.length > 0).map(({ name }) => name));
  const common = groundsOf(planned, situation);
  const isItsOwn = ({ record }: Slave): boolean => isLaunchedFor(record, source, situation.sourceNames);
  if (source.supply !== undefined) {
    const own = slaves.filter(isItsOwn).map((slave) => ({ ...slave, unlabelled: takesUnlabelled(slave, unlabelled) }));
    return source.supply === "items" ? decideByItem(source, own, common) : decideByCount(source, own, common);
  }
  const known = slaves.map((slave): KnownSlave => {
    const { record, shownOnline, endedAtRound } = slave;
    const isKept = isKeptForItsBuild(record, source.session) || !isItsOwn(slave);
    // Only nodes of pools go when they are empty.
    const node = onPools.has(record.template) ? (record.life.pod.node ?? undefined) : undefined;
    return { record, shownOnline, endedAtRound, isKept, node, unlabelled: takesUnlabelled(slave, unlabelled) };
  });
  const supply = supplyOf(source, known);
  return shortfall({ ...common, items: source.items, supply, idle: idleWishes(supply, situation) });
}

/**
 * What is to be idle. A slave that ended after the round began is still in it, and may stand for one that is to be idle: it keeps another
 * one from being launched until a younger round has come, and no living one from staying.
 */
function idleWishes(supply: readonly Supply[], { slaves, warm = new Map() }: LaunchSituation): IdleWish[] {
  if (warm.size === 0) return [];
  const waiting = new Set(slaves.filter(({ record }) => isWaiting(record)).map(({ record }) => record.name));
  return [...warm].map(([template, target]) => {
    const ended = supply.filter((one) => one.template === template && !waiting.has(one.name));
    return { template, idle: target.idle + ended.length };
  });
}

/** Whether a slave can still take a build. */
export function isWaiting({ state }: SlaveRecord): boolean {
  return state === "requested" || state === "scheduled" || state === "online";
}

/** By what launches are decided, whatever they are for: holds, pauses, the brake, and caps with what is `planned` already. */
export function groundsOf(planned: readonly LaunchIntent[], situation: LaunchSituation) {
  const { slaves, templates, allowance, caps = {} } = situation;
  const shareOf = sharesUnder(caps, templates);
  const isUnder = membersIn(templates);
  const alive = slaves.filter(({ record }) => record.state !== "deleted");
  const masterRoom = situation.maxSlaves - alive.length - planned.length;
  const bar = barOf(situation.troubled ?? []);
  const aliveOf = Map.groupBy(alive, ({ record }) => record.template);
  const plannedOf = Map.groupBy(planned, ({ template }) => template);
  const counts = countsOf([...alive.map(({ record }) => record.template), ...planned.map(({ template }) => template)]);
  return {
    ownNames: alive.map(({ record }) => record.name),
    templates: templates.map((template) => {
      const { name } = template;
      const own = { alive: aliveOf.get(name) ?? [], planned: plannedOf.get(name) ?? [], situation };
      const share = shareOf(template, own);
      return {
        ...launchTemplate(template, own, { counts, isUnder }),
        share,
        ...(bar === undefined ? {} : { barred: bar }),
      };
    }),
    paused: situation.paused,
    allowance: Math.max(0, allowance.launches - planned.length),
    brake: allowance.reason,
    room: trialRoom(
      {
        slaves: masterRoom,
        cap: `${alive.length + planned.length}/${situation.maxSlaves} slaves of master ${situation.master}`,
      },
      { alive, planned, situation },
    ),
  };
}

/** A slave of a source that is not there any more counts for the first one. */
function isLaunchedFor({ item }: SlaveRecord, { name }: DemandSource, names: readonly string[]): boolean {
  return (names.find((one) => one === item?.source) ?? names[0]) === name;
}

/**
 * Slaves that have come are set against builds that run, as far as they may be the ones that run them; what runs besides runs
 * on agents of others, and needs none. What is left of the slaves, and those that are on their way, are for what waits.
 */
function decideByCount(
  source: DemandSource,
  slaves: readonly ClaimingSlave[],
  common: Omit<Situation, "items" | "supply">,
): Decision {
  const supply = supplyByCount(source, slaves);
  const running = source.items.filter(({ isRunning }) => isRunning === true);
  const here = supply.filter(({ stage }) => stage === "online");
  const atWork = shortfall({ items: running, supply: here, templates: [], allowance: 0 });
  const free = new Set(atWork.surplus);
  const waiting = source.items.filter(({ isRunning }) => isRunning !== true);
  const left = supply.filter(({ name, stage }) => stage !== "online" || free.has(name));
  const decision = shortfall({ ...common, items: waiting, supply: left });
  const taken = running.map((item): WaitReason => ({ item, code: "slave-coming", reason: "an agent works for it" }));
  return { ...decision, waiting: [...taken, ...decision.waiting] };
}

/** What has a slave waits for it; only the other items get one. */
function decideByItem(
  source: DemandSource,
  slaves: readonly ClaimingSlave[],
  common: Omit<Situation, "items" | "supply">,
): Decision {
  const { open, claimed, idle } = claimsOf(source, slaves);
  const { launches, waiting } = shortfall({ ...common, items: open, supply: [] });
  const coming = claimed.map(({ item, by: { record } }): WaitReason => {
    const reason = `${record.name} was launched for it and is ${record.state}`;
    return { item, code: "slave-coming", reason };
  });
  const surplus = idle.map(({ record }) => record.name).reverse();
  return { launches, waiting: [...coming, ...waiting], surplus, idle: new Map() };
}

/**
 * Whether a slave, though it may show online and idle, is kept for a build that a restart of the master interrupted; also
 * before its record says so, in the first round of a new start.
 */
function isKeptForItsBuild({ state, life }: SlaveRecord, session: string | null): boolean {
  const isInterrupted = life.session !== null && session !== null && life.session !== session;
  return state === "busy" && (isInterrupted || life.builds.awaited.length > 0);
}

/** As it was launched, whatever its template says now (H16); `unlabelled`: the templates by which an older record goes. */
function takesUnlabelled({ record }: Slave, unlabelled: ReadonlySet<string>): boolean {
  return record.unlabelled ?? unlabelled.has(record.template);
}

/** What a template's launches are counted among. */
interface Launched {
  readonly alive: readonly Slave[];
  readonly planned: readonly LaunchIntent[];
  readonly situation: LaunchSituation;
}

/** How often each name is there. */
export function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** `own`: what was launched from it; `counts`: how many slaves there are of each template. */
function launchTemplate(
  template: TemplateConfig,
  own: Launched,
  { counts, isUnder }: { readonly counts: ReadonlyMap<string, number>; readonly isUnder: IsUnder },
): LaunchTemplate {
  const { name, labels, unlabelled, jobs, maxSlaves = Number.POSITIVE_INFINITY, overrides } = template;
  const sizes = new Map<string, LaunchStanding>();
  const standingOf = (size: PodSize): LaunchStanding => {
    const kind = launchKind(name, size);
    const known = sizes.get(kind) ?? kindStanding({ kind, maxSlaves: Number.POSITIVE_INFINITY }, own);
    sizes.set(kind, known);
    return known;
  };
  const { room, hold } = kindStanding({ kind: name, maxSlaves }, own);
  return {
    ...{ name, labels, unlabelled, room, hold },
    ...(jobs === undefined ? {} : { jobs }),
    ...(overrides === undefined ? {} : { overrides, standingOf }),
    ...(template.shared === undefined ? {} : { shared: sharedRoom(template.shared, counts, isUnder) }),
  };
}

/** A master that refused nodes is tried with one slave, which has its node or not, before more. */
function trialRoom(room: Room, { alive, planned, situation: { troubled = [] } }: Launched): Room {
  if (!troubled.some(({ what }) => what === "master")) return room;
  const untried = alive.filter(
    ({ record: { state, life } }) =>
      (state === "requested" || state === "scheduled") && life.node.registeredAt === null,
  );
  const left = 1 - untried.length - planned.length;
  return left >= room.slaves ? room : { slaves: left, cap: "after it refused nodes one slave is tried first" };
}

/** Whether one slave of each kind is tried first, because the namespace refused pods: which of them has room there is not known. */
function isNamespaceOnTrial({ troubled = [] }: LaunchSituation): boolean {
  return troubled.some(({ what }) => what === "namespace");
}

/** How the launches of one kind stand, out of those of one template. */
function kindStanding(
  { kind, maxSlaves }: { readonly kind: string; readonly maxSlaves: number },
  { alive, planned, situation }: Launched,
): LaunchStanding {
  const { failuresOf, now } = situation;
  const count = alive.length + planned.length;
  const { hold, onTrial } = standingOf(failuresOf(kind), now);
  if (!onTrial && !isNamespaceOnTrial(situation))
    return { room: { slaves: maxSlaves - count, cap: `${count}/${maxSlaves} slaves` } };
  const unready = alive.filter(
    ({ record: { state, template, size } }) =>
      (state === "requested" || (state === "scheduled" && onTrial)) && launchKind(template, size) === kind,
  );
  const starting =
    unready.length + planned.filter(({ template, sized }) => launchKind(template, sized?.size) === kind).length;
  const room = {
    slaves: Math.min(maxSlaves - count, 1 - starting),
    cap: onTrial
      ? "after its failures one slave is tried first"
      : "after its namespace refused pods one slave is tried first",
  };
  return { room, hold };
}

function heldWithAll(troubled: readonly TroubledThing[]): TemplateStanding["held"] {
  const all = troubled.find(({ what, standing }) => what !== "template" && standing.held !== undefined);
  if (all?.standing.held === undefined) return null;
  const { until, because } = all.standing.held;
  return { until, because: `${all.what} ${all.name} is held: ${because}` };
}

/**
 * What is told to the world about what was decided. `round` is the newest of the first source; `maxOfAll`: slaves of all masters together;
 * `pods`: what is told of the pods besides, default nothing.
 */
export function planOf(
  decided: readonly SourceDecision[],
  situation: LaunchSituation & {
    readonly round: Plan["round"];
    readonly maxOfAll?: number | undefined;
    readonly pods?: PlannedPods | undefined;
  },
): Plan {
  const { master, templates, now, round, maxSlaves, maxOfAll, pods } = situation;
  const launched = decided.flatMap(({ decision }) => decision.launches);
  const waiting = decided.flatMap(({ decision }) => decision.waiting);
  const byKind = Map.groupBy(launched, ({ template, sized }) => launchKind(template, sized?.size));
  const launches = [...byKind.values()].map((intents) => {
    const [{ template, sized, reason } = { template: "", reason: "" }] = intents;
    const config = templates.find(({ name }) => name === template);
    const usual = config === undefined ? undefined : requestsOf(config);
    return {
      template,
      count: intents.length,
      reason,
      shape: {
        cpu: sized?.size.cpu ?? usual?.cpu ?? "0",
        memory: sized?.size.memory ?? usual?.memory ?? "0",
      },
      items: intents.slice(0, listedItems).map(({ item }) => item.id),
      ...pods?.of({ template, size: sized?.size }),
    };
  });
  return {
    master,
    at: now,
    round,
    launches,
    ...pods?.coming(situation.slaves),
    templates: templates.slice(0, listedTemplates).map((template) => templateStanding(template, situation)),
    waiting: waiting
      .slice(0, listedItems)
      .map(({ item, code, reason }) => ({ item: item.id, job: item.job, code, reason })),
    maxSlaves: { master: Number.isFinite(maxSlaves) ? maxSlaves : null, all: maxOfAll ?? null },
    holds: holdsOf(situation.troubled ?? []).slice(0, listedTemplates),
    more: Math.max(0, waiting.length - listedItems),
  };
}

/**
 * No figure that changes with each second or slave: the plan is told anew whenever it says something else. What holds its namespace or
 * master holds the template, too.
 */
function templateStanding(
  { name, labels, unlabelled, maxSlaves, overrides, from, jobs }: TemplateConfig,
  { failuresOf, now, troubled = [] }: LaunchSituation,
): TemplateStanding {
  const held = standingOf(failuresOf(name), now).held ?? heldWithAll(troubled);
  return {
    ...{ name, labels: [...labels], unlabelled, maxSlaves: maxSlaves ?? null, held },
    ...(from === undefined ? {} : { from }),
    ...(jobs === undefined ? {} : { jobs: [...jobs] }),
    ...(overrides === undefined ? {} : { overrides }),
  };
}
