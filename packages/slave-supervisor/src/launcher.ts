import { randomBytes } from "node:crypto";
import {
  channels,
  type DemandSource,
  type Hold,
  type LaunchedItem,
  type Plan,
  type QueueItem,
  type SlaveRecord,
  sentenceOf,
  subjects,
} from "@kubestack/contracts";
import type { Decision, LaunchIntent, WarmLaunch } from "@kubestack/demand";
import { allowanceOf } from "./brake.ts";
import { admit, admitIdle } from "./caps/admission.ts";
import { costIn } from "./caps/costs.ts";
import { narrowest } from "./caps/template-shares.ts";
import { yielding } from "./caps/yielding.ts";
import type { SourceStanding } from "./demand-view.ts";
import { holdsOf, standingsOf, type TroubledThing } from "./failures/standings.ts";
import type { KeptFacts } from "./kept-facts.ts";
import { LaunchHistory } from "./launch-history.ts";
import { countsOf, decideLaunches, type LaunchSituation, leftOver, planOf, type SourceDecision } from "./launching.ts";
import type { MasterScope } from "./master-scope.ts";
import { doubledItems } from "./measures/duplicate-items.ts";
import type { LaunchStanding } from "./measures/master-gauges.ts";
import { type Granted, PlannedPods } from "./planned-pods.ts";
import { recordLiving, slaveNameOf } from "./recording.ts";
import type { Slave } from "./roster.ts";
import { allowedOf, decideWarm, launchedOf, type WarmDecision } from "./warm/decide.ts";
import { warmTargets } from "./warm/targets.ts";
import { withWarm } from "./warm/told.ts";
import { noLeftovers, repeatMs, type SurplusSlave, withdrawalsOf } from "./withdrawing.ts";

const minuteMs = 60_000;

/** Launches what a round asks for: named in the ledger first, then recorded, then begun. */
export class Launcher {
  readonly #scope: MasterScope;
  readonly #facts: KeptFacts;
  #births: number[] = [];
  readonly #history = new LaunchHistory();
  #leftovers = noLeftovers;
  #withdrawn: { readonly template: string; readonly at: number }[] = [];
  #told = "";
  #telling: Promise<void> = Promise.resolve();
  /** What this decision has launched so far, and how it is told. */
  #pass: { readonly granted: Granted[]; readonly plan: () => Plan } | undefined;
  /** The last decision on slaves that are to be idle. */
  #warm: WarmDecision | undefined;
  /** Items that it launched nothing for, by why. */
  #undecided: ReadonlyMap<string, number> = new Map();
  /** Whether, by the last decision, an item waits for a cap that a slave on its way out still holds. */
  isCapWanted = false;
  /** Ids of the first source's items for which, by the last decision, no slave comes now. */
  unserved: ReadonlySet<string> = new Set();

  constructor(scope: MasterScope, facts: KeptFacts) {
    this.#scope = scope;
    this.#facts = facts;
  }

  /** What was noted of launches may be another process's past by now: it is noted anew. */
  forget(): void {
    this.#history.clear();
  }

  /** Begins with what was noted, and with the ledger that was just taken over. */
  begin(): void {
    const { ledger, options } = this.#scope;
    // Slaves that were found again are no launches of this minute.
    this.#births = ledger?.ledger.live.flatMap(({ at, epoch }) => (epoch === undefined ? [at] : [])) ?? [];
    this.#history.forgetOld(options.bus.clock.now());
    this.#leftovers = noLeftovers;
    this.#told = "";
    this.#warm = undefined;
    this.#undecided = new Map();
    this.isCapWanted = false;
    this.unserved = new Set();
  }

  /** Takes note of what became of a launch. */
  note(record: SlaveRecord): void {
    this.#history.note(record);
  }

  /** How launches stand; templates, or sizes of one, by their `launchKind`. */
  standing(now: number): ReturnType<LaunchStanding> {
    const { launchesPerMinute } = this.#scope.options;
    const lastHour = this.#history.lastHour(now);
    const { launches } = allowanceOf({ births: this.#births, launchesPerMinute, lastHour, now });
    const held = this.#troubled(now).filter(({ what, standing }) => what === "template" && standing.hold !== undefined);
    return { isBraked: launches === 0, held: new Set(held.map(({ name }) => name)), undecided: this.#undecided };
  }

  /** What is held back at `now`. */
  holds(now: number): readonly Hold[] {
    return holdsOf(this.#troubled(now));
  }

  #troubled(now: number): readonly TroubledThing[] {
    this.#history.lifted(this.#scope.standing.lifts);
    return standingsOf((what) => this.#history.failing(what), now);
  }

  /** Whether a slave stays though it is idle for long. Before anything was decided nobody knows which do. */
  keepsIdle({ name, template }: SlaveRecord): boolean {
    if (this.#warm !== undefined) return this.#warm.kept.has(name);
    return this.#scope.options.templates.some((one) => one.name === template && one.warm !== undefined);
  }

  /** Launches what the newest rounds ask for. Says whether every source's round was one to launch from. */
  async launch(): Promise<boolean> {
    const { options, roster, demand } = this.#scope;
    const { bus, log, name, templates, maxSlaves, launchesPerMinute } = options;
    const now = bus.clock.now();
    const standings = demand.standings(now);
    const silent = standings.filter(({ verdict }) => !verdict.usable);
    // Rounds that show nothing do not show a slave left over either.
    if (silent.length > 0 || standings.length === 0) this.#leftovers = noLeftovers;
    for (const { source, verdict } of silent)
      log.debug({ master: name, source: source.name }, verdict.usable ? "" : `nothing is launched: ${verdict.reason}`);
    const sources = usableOf(standings);
    const [first] = standings;
    if (first === undefined || sources.length === 0) return false;
    this.#births = this.#births.filter((at) => now - at < minuteMs);
    this.#history.forgetOld(now);
    const lastHour = this.#history.lastHour(now);
    const situation = {
      master: name,
      sources,
      sourceNames: standings.map(({ source }) => source.name),
      slaves: [...roster.all()],
      templates,
      maxSlaves,
      caps: narrowest({ ...options.ownCaps, slaves: maxSlaves }, options.sharedCaps?.caps ?? {}),
      allowance: allowanceOf({ births: this.#births, launchesPerMinute, lastHour, now }),
      paused: this.#scope.standing.launching.reason,
      failuresOf: (kind: string) => this.#history.failuresOf(kind),
      troubled: this.#troubled(now),
      // Where nobody shows who is idle, none is kept so.
      warm: options.attach.showsIdle ? warmTargets(templates, roster.all(), now) : new Map(),
      now,
    };
    const decided = await admit(this.#scope, decideLaunches(situation), now);
    this.#undecided = countsOf(decided.flatMap(({ decision }) => decision.waiting.map(({ code }) => code)));
    this.isCapWanted = decided.some(({ decision }) => decision.waiting.some(({ cap }) => cap !== undefined));
    this.unserved = unservedOf(decided.find(({ source }) => source.name === first.source.name)?.decision);
    const warm = decideWarm(decided, situation, this.#warm?.refills ?? new Map());
    this.#warm = warm ?? this.#warm;
    const { name: source, term, round } = first.source;
    const maxOfAll = options.sharedCaps?.caps.slaves;
    const granted: Granted[] = [];
    let allowed = warm && { ...warm, launches: [] as readonly WarmLaunch[] };
    const plan = () => {
      const pods = new PlannedPods({ ...this.#scope.options, master: name, granted });
      const told = planOf(decided, { ...situation, round: { source, term, round }, maxOfAll, pods });
      return allowed === undefined ? told : withWarm(told, allowed, { templates, pods });
    };
    this.#pass = { granted, plan };
    for (const one of decided) await this.#carryOut(one, situation);
    const idle = await admitIdle(this.#scope, { launches: warm?.launches ?? [], decided, now });
    allowed = warm && allowedOf(warm, idle);
    if (idle.length > 0 && this.#scope.isOwner()) {
      await this.#grant(idle);
      this.#warm = allowed && launchedOf(allowed);
    }
    if (silent.length === 0) await this.#withdraw(decided, situation);
    await this.#tell(plan());
    return silent.length === 0;
  }

  async #carryOut({ source, decision }: SourceDecision, { slaves, templates, now }: LaunchSituation): Promise<void> {
    if (decision.launches.length === 0 || !this.#scope.isOwner()) return;
    await this.#grant(decision.launches, source);
    const unlabelled = new Set(templates.filter((one) => one.unlabelled).map((one) => one.name));
    const told = { ...decision, slaves, held: this.standing(now).held, unlabelled };
    this.#scope.options.measures?.duplicated("item", doubledItems(told));
  }

  /** Slaves that no item needs in any round of a grace time leave: by the mark and two looks, so that none is caught in a build. */
  async #withdraw(decided: readonly SourceDecision[], situation: LaunchSituation): Promise<void> {
    const { roster, options } = this.#scope;
    const { now } = situation;
    const surplus = leftOver(decided);
    this.#withdrawn = this.#withdrawn.filter(({ at }) => now - at < repeatMs);
    const candidates = surplus.flatMap((name) => {
      const slave = roster.get(name);
      if (slave === undefined || !this.#mayBeWithdrawn(slave)) return [];
      return [{ name, template: slave.record.template }];
    });
    // Those that are to be idle go last, and only where that makes room.
    const able = [...candidates, ...this.#keptIdle(decided)];
    const elsewhere = able.length === 0 ? undefined : await options.sharedCaps?.wantElsewhere(options.name, now);
    const yields = yielding(able, { decided, situation, elsewhere: elsewhere?.slaves ?? 0 });
    const { leftovers, due } = withdrawalsOf(this.#leftovers, candidates, {
      now,
      yields,
      withdrawnOfLate: (template) => this.#withdrawn.filter((one) => one.template === template).length,
    });
    this.#leftovers = leftovers;
    const givenUp = [...yields].filter(([name]) => this.#warm?.kept.has(name) === true);
    // One that ran a build which nobody saw, and whose news was lost, is no launch for nothing.
    if (due.length + givenUp.length > 0) await this.#facts.catchUp();
    for (const name of due) {
      const slave = roster.get(name);
      if (slave === undefined || !this.#mayBeWithdrawn(slave)) continue;
      const reason = yields.get(name) ?? "no waiting build needs it";
      options.log.info({ slave: name }, reason);
      this.#withdrawn.push({ template: slave.record.template, at: now });
      void roster.apply(slave, () => [{ type: "drain.requested", reason, outcome: "withdrawn", at: now }]);
    }
    this.#giveUp(givenUp, now);
  }

  /** What could not be read of a queue may be the item that such a slave is for: then none yields. */
  #keptIdle(decided: readonly SourceDecision[]): SurplusSlave[] {
    const isWhole = decided.every(({ source }) => (source.unread?.items ?? 0) === 0);
    return [...(isWhole ? (this.#warm?.kept ?? []) : [])].flatMap((name) => {
      const slave = this.#scope.roster.get(name);
      return slave === undefined ? [] : [{ name, template: slave.record.template }];
    });
  }

  /** A waiting item comes before a slave that is kept idle: it goes by the mark and two looks like any other, only at once. */
  #giveUp(slaves: readonly (readonly [name: string, reason: string])[], now: number): void {
    const { roster, options } = this.#scope;
    for (const [name, reason] of slaves) {
      const slave = roster.get(name);
      if (slave === undefined) continue;
      options.log.info({ slave: name }, reason);
      void roster.apply(slave, ({ state }) =>
        state === "busy" ? [] : [{ type: "drain.requested", reason, outcome: "withdrawn", at: now }],
      );
    }
  }

  /** One that has run a build is kept for the next by its template's own idle time; the others wait for nothing. */
  #mayBeWithdrawn({ record: { state, life } }: Slave): boolean {
    const { showsIdle } = this.#scope.options.attach;
    const isWaiting = state === "requested" || state === "scheduled" || (state === "online" && showsIdle);
    return isWaiting && life.builds.ran === 0;
  }

  /** What is for no item is to be idle. */
  async #grant(launches: readonly LaunchIntent[], source: DemandSource): Promise<void>;
  async #grant(launches: readonly WarmLaunch[]): Promise<void>;
  async #grant(launches: readonly (WarmLaunch & Partial<LaunchIntent>)[], source?: DemandSource): Promise<void> {
    const { options, ledger } = this.#scope;
    if (ledger === undefined) return;
    const { bus, templates, log, name } = options;
    const at = bus.clock.now();
    const costOf = costIn(templates);
    const living = await ledger.grant(
      launches.map(({ item, template, reason, sized }) => {
        const of = templates.find((one) => one.name === template);
        const { cpu, memory } = costOf({ template, size: sized?.size });
        return {
          nonce: randomBytes(9).toString("base64url"),
          template,
          labels: [...(of?.labels ?? []), ...(sized?.labels ?? [])],
          ...(sized === undefined ? {} : { size: sized.size }),
          ...(of === undefined ? {} : { unlabelled: of.unlabelled, asks: { cpu, memory } }),
          item: item === undefined || source === undefined ? null : launchedItem(item, source),
          ...(item === undefined ? { isWarm: true } : {}),
          at,
          reason,
        };
      }),
    );
    this.#births.push(...living.map((one) => one.at));
    for (const one of living) {
      const slave = slaveNameOf(ledger.ledger, one);
      log.info({ master: name, slave, template: one.template, item: one.item?.id }, one.reason);
      const { template, size, isWarm } = one;
      this.#pass?.granted.push({ name: slave, template, size, isWarm });
    }
    // Who makes nodes for these slaves hears of them before their pods are there; no slave waits for that.
    if (this.#pass !== undefined) void this.#tell(this.#pass.plan());
    await Promise.all(living.map((one) => recordLiving(this.#scope, one)));
    for (const one of living) {
      const slave = this.#scope.roster.get(slaveNameOf(ledger.ledger, one));
      if (slave !== undefined) this.note(slave.record);
    }
  }

  /** The plan is told when it says something new, not at every round; one that could not be told is told again with the next round. */
  #tell(plan: Plan): Promise<void> {
    const { bus, name, log } = this.#scope.options;
    const { at: _at, round: _round, ...news } = plan;
    const text = JSON.stringify(news);
    if (text !== this.#told) {
      this.#told = text;
      const tell = () => bus.publish(channels.plan, subjects.plan(name), plan);
      this.#telling = this.#telling.then(tell).then(
        () => undefined,
        (error: unknown) => {
          this.#told = "";
          log.warn({ master: name }, `the plan was not told: ${sentenceOf(error)}`);
        },
      );
    }
    return this.#telling;
  }
}

/**
 * What may be launched from. Where the source that shows the computers says nothing, nobody knows whether the master would
 * take a slave: then the others launch nothing either.
 */
function usableOf([first, ...others]: readonly SourceStanding[]): DemandSource[] {
  if (first === undefined) return [];
  const isAttachable = first.verdict.usable || first.source.supply !== undefined;
  const usable = [first, ...(isAttachable ? others : [])].filter(({ verdict }) => verdict.usable);
  return usable.map(({ source }) => source);
}

function launchedItem({ id, job, url }: QueueItem, { queueReadAt: seenAt, supply, name }: DemandSource): LaunchedItem {
  return { id, job, url, seenAt, ...(supply === undefined ? {} : { source: name }) };
}

function unservedOf(decision: Decision | undefined): ReadonlySet<string> {
  const waiting = decision?.waiting.filter(({ code }) => code !== "slave-coming" && code !== "own-slave");
  return new Set(waiting?.map(({ item }) => item.id));
}
