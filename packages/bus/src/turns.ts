import type { Member } from "./members.ts";
import { inOrderFor } from "./rendezvous.ts";

/**
 * How much longer each next one in the order waits for a lease that is free, in milliseconds: longer than who comes before
 * it takes to see that it is.
 */
export const rankMs = 1_500;
/** How long whoever is to have a master must have lived, and its holder have held it, before it is handed over, in milliseconds. */
export const settleMs = 10_000;
/** And at most, where it was handed over again and again. */
export const longestSettleMs = 10 * 60_000;
/** Handovers of this time, in milliseconds, count as "again". */
export const againMs = 60 * 60_000;

/** One master, as one process sees who may have it. Times are of its monotonic clock, in milliseconds. */
export interface Candidates {
  readonly master: string;
  readonly self: string;
  /** Whether this process can do its work now. */
  readonly isAble: boolean;
  /** The others that live. */
  readonly others: readonly Member[];
}

/** Whoever can't do its work comes after all who can. */
function orderOf({ master, self, isAble, others }: Candidates): string[] {
  const serving = others.filter(({ serves }) => serves.has(master));
  const unable = new Set(serving.filter((member) => member.unable !== "").map(({ process }) => process));
  if (!isAble) unable.add(self);
  const order = inOrderFor(master, [self, ...serving.map(({ process }) => process)]);
  return [...order.filter((process) => !unable.has(process)), ...order.filter((process) => unable.has(process))];
}

/** How long this process lets others go first with a lease that it sees free. `except`: its holder, known to be dead. */
export function waitMs(candidates: Candidates, except?: string): number {
  return (
    orderOf(candidates)
      .filter((process) => process !== except)
      .indexOf(candidates.self) * rankMs
  );
}

/** How a master came to its present holder, which asks itself whether to keep it. */
export interface Holding {
  readonly heldSince: number;
  /** Since when this process can't do the work; undefined: it can. */
  readonly unableSince: number | undefined;
  /** When this process handed the master over before. */
  readonly handedOverAt: readonly number[];
  readonly now: number;
}

/**
 * Who is to have a master instead of this process, which holds it; undefined: nobody. Whoever comes and goes gets it the
 * less often: each handover within an hour doubles the time that the next one takes to come. Nobody gets it who can't do the
 * work: where nobody can, it stays where it is. Whoever can't any more waits as long, for what befell it may befall all.
 */
export function successorOf(candidates: Candidates, holding: Holding): string | undefined {
  const { heldSince, unableSince = heldSince, handedOverAt, now } = holding;
  const [first] = orderOf(candidates);
  const member = candidates.others.find(({ process }) => process === first);
  if (member === undefined || member.unable !== "") return undefined;
  const before = handedOverAt.filter((at) => now - at < againMs).length;
  const needed = Math.min(settleMs * 2 ** Math.min(before, 30), longestSettleMs);
  return now - Math.max(member.since, heldSince, unableSince) >= needed ? first : undefined;
}
