import { type SlaveRecord, slaveStates } from "@kubestack/contracts";
import { type WarmLaunch, type WarmShort, warmShortfall } from "@kubestack/demand";
import type { WarmTarget } from "@kubestack/templates";
import { groundsOf, isWaiting, type LaunchSituation, type SourceDecision } from "../launching.ts";
import { type Refill, refillOf } from "./refill.ts";

/** What is decided of slaves that are to be idle. */
export interface WarmDecision {
  readonly launches: readonly WarmLaunch[];
  /** What is missing and not launched now. */
  readonly short: readonly WarmShort[];
  /** What each template's rules want now, where they want any. */
  readonly targets: ReadonlyMap<string, WarmTarget>;
  /** Names of slaves that stay though no item needs them, idle or on their way, in the order in which they are given up. */
  readonly kept: ReadonlySet<string>;
  /** What is to be remembered until the next decision. */
  readonly refills: ReadonlyMap<string, Refill>;
}

/**
 * Decides which slaves stay idle and how many more are launched for that, after all items of all sources were decided on. Only
 * computers show who is idle: undefined where none of the sources shows any. Pure.
 */
export function decideWarm(
  decided: readonly SourceDecision[],
  situation: LaunchSituation,
  before: ReadonlyMap<string, Refill>,
): WarmDecision | undefined {
  const shown = decided.find(({ source }) => source.supply === undefined && source.computers !== undefined);
  if (shown === undefined) return undefined;
  const { warm: targets = new Map<string, WarmTarget>(), now } = situation;
  if (targets.size === 0) return { launches: [], short: [], targets, kept: new Set(), refills: new Map() };
  const slaves = situation.slaves.map(({ record }) => record);
  const waiting = new Map(slaves.filter(isWaiting).map((record) => [record.name, record]));
  const named = (names: readonly string[]): SlaveRecord[] => names.flatMap((name) => waiting.get(name) ?? []);
  const refills = new Map<string, Refill>();
  const unclaimed = new Map<string, number>();
  const kept: SlaveRecord[] = [];
  const wishes = [...targets].flatMap(([template, target]) => {
    const idle = shown.decision.idle.get(template) ?? [];
    const living = named(idle).slice(0, target.idle);
    kept.push(...living);
    // One that a round shows idle as it leaves is missing all the same: it does not begin the delay anew.
    const { refill, isDue } = refillOf(before.get(template), target, { unclaimed: living.length, now });
    refills.set(template, refill);
    unclaimed.set(template, idle.length);
    return isDue ? [{ template, idle: target.idle, because: target.because }] : [];
  });
  const planned = decided.flatMap(({ decision }) => decision.launches);
  return {
    ...warmShortfall({ ...groundsOf(planned, situation), wishes, unclaimed }),
    ...{ targets, kept: new Set(kept.toSorted(leastAdvancedFirst).map(({ name }) => name)), refills },
  };
}

/** The decision, where caps beyond those that it knows allowed only these launches. */
export function allowedOf(decision: WarmDecision, launches: readonly WarmLaunch[]): WarmDecision {
  const refused = Map.groupBy(decision.launches.slice(launches.length), ({ template }) => template);
  const reason = "the caps of its master, or of all masters, leave no room";
  const short = [...refused].map(([template, of]) => ({ template, count: of.length, code: "cap" as const, reason }));
  return { ...decision, launches, short: [...decision.short, ...short] };
}

/**
 * The decision, once its launches are made: what was missing and is launched is missing no more, so that a slave that is taken before the
 * next decision waits for the delay of its rule like any.
 */
export function launchedOf(decision: WarmDecision): WarmDecision {
  const short = new Set(decision.short.map(({ template }) => template));
  const whole = new Set(decision.launches.flatMap(({ template }) => (short.has(template) ? [] : [template])));
  const refills = [...decision.refills].map(
    ([template, refill]) => [template, whole.has(template) ? { ...refill, since: undefined } : refill] as const,
  );
  return { ...decision, refills: new Map(refills) };
}

/** And of equals the youngest. */
function leastAdvancedFirst(a: SlaveRecord, b: SlaveRecord): number {
  return slaveStates.indexOf(a.state) - slaveStates.indexOf(b.state) || b.number - a.number;
}
