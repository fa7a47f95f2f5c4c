/** How long a slave must be left over in every round before it is withdrawn, in milliseconds; doubled at each repeat. */
export const graceLimits = { leastMs: 30_000, mostMs: 10 * 60_000 } as const;
/**
 * One that yields to what waits for a cap must have been left over in every round of this time, in milliseconds: some four rounds at the usual
 * interval. One round alone shows too much idle: a slave that took its build between the reading of the computers and that of the
 * queue stands in it as idle, is matched with the next item, and the slave of that one seems left over.
 */
export const yieldMs = 5_000;
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
 * Which slaves are to be withdrawn after a round, in the order given: those left over in every round of their grace, which is
 * short for those that yield to what waits for a cap they hold (H34).
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
  const due = surplus.filter(({ name, template }) => {
    const grace = at.yields?.has(name) === true ? yieldMs : graceMs(at.withdrawnOfLate(template));
    return at.now - (since.get(name) ?? at.now) >= grace;
  });
  return { leftovers: { since }, due: due.map(({ name }) => name) };
}
