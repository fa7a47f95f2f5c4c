/** How long a slave must be left over in every round before it is withdrawn, in milliseconds; doubled at each repeat. */
export const graceLimits = { leastMs: 30_000, mostMs: 10 * 60_000 } as const;
/** Withdrawals of a template count as repeats this long, in milliseconds. */
export const repeatMs = 60 * 60_000;

/** What is remembered of slaves that were left over. */
export interface Leftovers {
  /** Since when each slave has been left over in every round. */
  readonly since: ReadonlyMap<string, number>;
}

export const noLeftovers: Leftovers = { since: new Map() };

export interface SurplusSlave {
  readonly name: string;
  readonly template: string;
}

/** The grace of a template whose slaves were withdrawn this often of late: a queue that flaps must not be chased. */
export function graceMs(withdrawnOfLate: number): number {
  return Math.min(graceLimits.mostMs, graceLimits.leastMs * 2 ** Math.min(withdrawnOfLate, 20));
}

/**
 * Which slaves are to be withdrawn after a round, in the order given: those left over in every round of their grace, and at
 * once those that yield to what waits for a cap they hold (H34).
 * A slave that a round had a use for begins anew.
 */
export function withdrawalsOf(
  before: Leftovers,
  surplus: readonly SurplusSlave[],
  at: {
    readonly now: number;
    readonly withdrawnOfLate: (template: string) => number;
    /** By name; default: none. */
    readonly yields?: { has(name: string): boolean };
  },
): { leftovers: Leftovers; due: readonly string[] } {
  const since = new Map(surplus.map(({ name }) => [name, before.since.get(name) ?? at.now]));
  const due = surplus.filter(
    ({ name, template }) =>
      at.yields?.has(name) === true || at.now - (since.get(name) ?? at.now) >= graceMs(at.withdrawnOfLate(template)),
  );
  return { leftovers: { since }, due: due.map(({ name }) => name) };
}
