/** How fast nodes may be made and removed at one master now. */
export interface NodeRate {
  /** Operations a second. */
  readonly perSecond: number;
  /** When it was last lowered, by a clock that never goes back, in milliseconds. */
  readonly loweredAt: number;
}

/** The bounds of the rate, in operations a second: where it begins, and what it never leaves. */
export const rateLimits = { first: 5, least: 1, most: 50 } as const;

/** A master that answers within this time, in milliseconds, can do more. */
const quickMs = 250;
/** One that takes longer than this is held up by what is asked of it: each node takes its queue's lock. */
const slowMs = 1_000;
const raisedBy = 1.1;
/** Operations under way together meet the same slowness: it lowers the rate once. */
const loweredOnceMs = 1_000;

/** The rate to begin with. */
export const firstRate: NodeRate = { perSecond: rateLimits.first, loweredAt: Number.NEGATIVE_INFINITY };

/** One operation, as it was seen. */
export interface NodeOperation {
  /** From the request to its answer, in milliseconds. */
  readonly tookMs: number;
  /** The master did not answer, or asked for patience. */
  readonly failed: boolean;
  /** Whether others waited for the rate's sake: only then is it worth raising. */
  readonly othersWaited: boolean;
  /** When it was over, by a clock that never goes back, in milliseconds. */
  readonly at: number;
}

/** The rate after an operation: raised by a tenth by one that was quick, halved by one that was slow or failed. */
export function afterOperation(rate: NodeRate, { tookMs, failed, othersWaited, at }: NodeOperation): NodeRate {
  if (failed || tookMs > slowMs) {
    if (at - rate.loweredAt < loweredOnceMs) return rate;
    return { perSecond: Math.max(rateLimits.least, rate.perSecond / 2), loweredAt: at };
  }
  if (tookMs > quickMs || !othersWaited) return rate;
  return { ...rate, perSecond: Math.min(rateLimits.most, rate.perSecond * raisedBy) };
}
