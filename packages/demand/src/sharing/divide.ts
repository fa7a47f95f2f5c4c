import type { Amounts } from "@kubestack/contracts";
import { type CappedResource, type Caps, dominant, exceeded, nothing, plus, sumOf } from "./amounts.ts";

/** A master under caps that it shares with others. */
export interface Sharer {
  readonly name: string;
  readonly weight: number;
  readonly used: Amounts;
  /** Since when it waits without getting anything: of two who have equally much the one that waits longer comes first. */
  readonly since: number;
}

/** Another master, as its line tells. */
export interface OtherSharer extends Sharer {
  /** What it wants besides what it has; nothing where that is too old to be believed. */
  readonly want: Amounts;
}

/** Why a launch has to wait. */
export type Refusal =
  /** More than the whole cap: it is never launched. */
  | { readonly kind: "too-large"; readonly of: CappedResource; readonly ask: number }
  /** There is no room. */
  | { readonly kind: "full"; readonly of: CappedResource; readonly used: number }
  /** There is room, and others come first, who have less by their weights. */
  | { readonly kind: "share"; readonly before: readonly string[] }
  /** There would be room for it, and a launch before it waits for more. */
  | { readonly kind: "behind" };

/** What became of each launch that was asked for. */
export interface Division {
  /** Places in `asks`. */
  readonly granted: readonly number[];
  readonly refused: ReadonlyMap<number, Refusal>;
}

/** So many slaves that another master wants are reckoned with. */
const reckonedWants = 10_000;

interface Claimant extends Sharer {
  readonly isOwn: boolean;
  /** What it asks for next. */
  next(): Amounts | undefined;
  got(): void;
  used: Amounts;
}

/**
 * Which of one master's launches are made, under caps that it shares with others: what is free is handed out slave by slave,
 * always to the one that has the least by its weight, of the resource of which it has the most. So masters that all want more
 * come to weighted max-min fair shares, whoever wants nothing leaves its share to the others, and one that has more than its
 * share gets nothing while another waits below its own. Each gets its own launches in their order: what one of them waits for
 * is not given to a smaller one behind it, nor to another master. Every master reckons the same from the same lines. Pure.
 */
export function divide(
  caps: Caps,
  own: Sharer & { readonly asks: readonly Amounts[] },
  others: readonly OtherSharer[],
): Division {
  const granted: number[] = [];
  const refused = new Map<number, Refusal>();
  own.asks.forEach((ask, at) => {
    const of = exceeded(ask, caps);
    if (of !== undefined) refused.set(at, { kind: "too-large", of, ask: ask[of] });
  });
  const waiting = own.asks.flatMap((ask, at) => (refused.has(at) ? [] : [{ ask, at }]));
  /** What is used, or kept for whoever comes first. */
  let taken = sumOf([own.used, ...others.map(({ used }) => used)]);
  /** What would be used by what was there and what is granted here. */
  let used = taken;
  const before = new Set<string>();
  const me: Claimant = {
    ...own,
    isOwn: true,
    next: () => waiting[granted.length]?.ask,
    got: () => {
      const place = waiting[granted.length];
      if (place === undefined) return;
      granted.push(place.at);
      used = plus(used, place.ask);
    },
  };
  const wanting = others.filter(({ want }) => want.slaves > 0).map(claimantOf);
  let open: Claimant[] = [me, ...wanting.filter((one) => exceeded(one.next() ?? nothing, caps) === undefined)];
  while (me.next() !== undefined && open.includes(me)) {
    const first = firstOf(open, caps);
    const ask = first.next();
    if (ask === undefined) {
      open = open.filter((one) => one !== first);
      continue;
    }
    const hasRoom = exceeded(plus(taken, ask), caps) === undefined;
    // Kept for it, too: it comes first as soon as there is room.
    taken = plus(taken, ask);
    if (!first.isOwn) before.add(first.name);
    if (!hasRoom) open = open.filter((one) => one !== first);
    else {
      first.got();
      first.used = plus(first.used, ask);
    }
  }
  for (const { ask, at } of waiting.slice(granted.length)) {
    const of = exceeded(plus(used, ask), caps);
    if (of !== undefined) refused.set(at, { kind: "full", of, used: used[of] });
    else refused.set(at, before.size > 0 ? { kind: "share", before: [...before] } : { kind: "behind" });
  }
  return { granted, refused };
}

/** Another master's slaves are as large as they are on average. */
function claimantOf({ want, ...sharer }: OtherSharer): Claimant {
  const each: Amounts = {
    slaves: 1,
    cpu: Math.round(want.cpu / want.slaves),
    memory: Math.round(want.memory / want.slaves),
  };
  let left = Math.min(want.slaves, reckonedWants);
  return {
    ...sharer,
    isOwn: false,
    next: () => (left > 0 ? each : undefined),
    got: () => {
      left -= 1;
    },
  };
}

/** The one that has the least by its weight; of those the one that waits the longest. */
function firstOf(open: readonly Claimant[], caps: Caps): Claimant {
  const partOf = ({ used, weight }: Claimant): number => dominant(used, caps).part / weight;
  return open.reduce((best, one) => {
    const [left, right] = [partOf(one), partOf(best)];
    if (left !== right) return left < right ? one : best;
    if (one.since !== best.since) return one.since < best.since ? one : best;
    return one.name < best.name ? one : best;
  });
}
