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
  /** The others that live. */
  readonly others: readonly Member[];
}

function orderOf({ master, self, others }: Candidates): string[] {
  return inOrderFor(master, [self, ...others.filter(({ serves }) => serves.has(master)).map(({ process }) => process)]);
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
  /** When this process handed the master over before. */
  readonly handedOverAt: readonly number[];
  readonly now: number;
}

/**
 * Who is to have a master instead of this process, which holds it; undefined: nobody. Whoever comes and goes gets it the
 * less often: each handover within an hour doubles the time that the next one takes to come.
 */
export function successorOf(candidates: Candidates, { heldSince, handedOverAt, now }: Holding): string | undefined {
  const [first] = orderOf(candidates);
  const member = candidates.others.find(({ process }) => process === first);
  if (member === undefined) return undefined;
  const before = handedOverAt.filter((at) => now - at < againMs).length;
  const needed = Math.min(settleMs * 2 ** Math.min(before, 30), longestSettleMs);
  return now - member.since >= needed && now - heldSince >= needed ? first : undefined;
}
