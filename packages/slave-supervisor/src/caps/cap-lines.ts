import { isDeepStrictEqual } from "node:util";
import type { Amounts, CapLine, SharedCapsRecord } from "@kubestack/contracts";
import {
  type Caps,
  type Division,
  divide,
  exceeded,
  nothing,
  type OtherSharer,
  plus,
  type Sharer,
  sumOf,
  usableIntervals,
} from "@kubestack/demand";

/** What a master's owner knows when it asks for room. */
export interface Asking {
  readonly master: string;
  /** The ledger's. */
  readonly term: number;
  readonly store: string | undefined;
  readonly weight: number;
  readonly intervalMs: number;
  /** What the ledger's slaves ask the cluster for. */
  readonly used: Amounts;
  /** What each launch that is wanted asks for, in their order. */
  readonly asks: readonly Amounts[];
  /** The same of launches that are for no item: they get what nobody wants, and what they don't get is not wanted. Default: none. */
  readonly idle?: readonly Amounts[];
  readonly now: number;
}

/** What a master's line is after it asked, and what it got. */
export interface Answer {
  readonly line: CapLine;
  readonly division: Division;
  /** How many of those that are for no item it got, the first ones. */
  readonly idle: number;
  /** What is told of it: the master with what it was granted, what it wants still, and the others. */
  readonly own: Sharer;
  readonly want: Amounts;
  readonly others: readonly OtherSharer[];
}

/** What another master wants now; nothing where its line is too old. */
export function freshWant(line: CapLine | undefined, now: number): Amounts {
  if (line === undefined || now - line.refreshedAt > usableIntervals * line.intervalMs) return nothing;
  return line.want;
}

/** Whether a line says what its master has: it was written in this store. */
export function isOfStore(line: CapLine | undefined, store: string | undefined): line is CapLine {
  return line !== undefined && (store === undefined || line.store === store);
}

/** Whether the same line would be written again; a want has to be, so that it is known to be wanted still. */
export function saysTheSame(line: CapLine | undefined, next: CapLine): boolean {
  if (line === undefined) return false;
  const { refreshedAt: _then, intervalMs: _before, ...said } = line;
  const { refreshedAt: _now, intervalMs: _after, ...says } = next;
  return next.want.slaves === 0 && isDeepStrictEqual(said, says);
}

/**
 * What a master gets of what it asks for, and its line after that: what its ledger has and what is granted, whatever the line
 * said before. `usedElsewhere`: what other masters have that have no line of this store. Pure.
 */
export function answerOf(
  caps: Caps,
  lines: SharedCapsRecord["lines"],
  asking: Asking & { readonly usedElsewhere: ReadonlyMap<string, Amounts> },
): Answer {
  const { master, term, store, weight, intervalMs, used, asks, now, usedElsewhere } = asking;
  const before = lines[master];
  const waitedSince = freshWant(before, now).slaves > 0 ? (before?.since ?? now) : now;
  const others = Object.entries(lines).flatMap(([name, line]): OtherSharer[] =>
    name === master || usedElsewhere.has(name)
      ? []
      : [{ name, weight: line.weight, used: line.used, want: freshWant(line, now), since: line.since ?? now }],
  );
  for (const [name, amounts] of usedElsewhere)
    if (name !== master) others.push({ name, weight: 1, used: amounts, want: nothing, since: now });
  const own: Sharer = { name: master, weight, used, since: waitedSince };
  const division = divide(caps, { ...own, asks }, others);
  const granted = sumOf(division.granted.map((at) => asks[at] ?? nothing));
  const wanted = [...division.refused].flatMap(([at, { kind }]) => (kind === "too-large" ? [] : [asks[at] ?? nothing]));
  const want = sumOf(wanted);
  const since = want.slaves === 0 ? null : division.granted.length > 0 ? now : waitedSince;
  const idle = want.slaves > 0 ? [] : freeFor(asking.idle ?? [], caps, [plus(used, granted), ...others.flatMap(allOf)]);
  const line: CapLine = {
    ...{ term, ...(store === undefined ? {} : { store }) },
    ...{ used: sumOf([used, granted, ...idle]), want, since, refreshedAt: now, intervalMs, weight },
  };
  return { line, division, idle: idle.length, own: { ...own, used: line.used }, want, others };
}

function allOf({ used, want }: OtherSharer): Amounts[] {
  return [used, want];
}

/** The first of what is asked for that there is room for besides all of `taken`. Pure. */
export function freeFor(asks: readonly Amounts[], caps: Caps, taken: readonly Amounts[]): Amounts[] {
  let sum = sumOf(taken);
  const free: Amounts[] = [];
  for (const ask of asks) {
    sum = plus(sum, ask);
    if (exceeded(sum, caps) !== undefined) break;
    free.push(ask);
  }
  return free;
}

/** The line after slaves came or went: what it wants stays, as old as it is. Pure. */
export function settledLine(before: CapLine | undefined, of: Omit<Asking, "asks">): CapLine {
  const { term, store, weight, intervalMs, used, now } = of;
  const { want = nothing, since = null, refreshedAt = now } = before ?? {};
  return {
    ...{ term, ...(store === undefined ? {} : { store }) },
    ...{ used, want, since, refreshedAt, intervalMs, weight },
  };
}
