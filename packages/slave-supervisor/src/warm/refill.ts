import type { WarmTarget } from "@kubestack/templates";

/** What is remembered of a template of which some are to be idle. */
export interface Refill {
  /** What its rule wanted at least, by the last decision. */
  readonly floor: number;
  /** Since when some are missing, in milliseconds; undefined: none is. */
  readonly since: number | undefined;
}

/**
 * Whether what is missing is launched now. One that was taken has its place filled after the delay of its rule; where the rule wants
 * more than before, as at the beginning of its window, nothing is waited for. Pure.
 */
export function refillOf(
  before: Refill | undefined,
  { floor, idle, refillDelay }: Pick<WarmTarget, "floor" | "idle" | "refillDelay">,
  { unclaimed, now }: { readonly unclaimed: number; readonly now: number },
): { refill: Refill; isDue: boolean } {
  if (unclaimed >= idle) return { refill: { floor, since: undefined }, isDue: false };
  const isRaised = floor > (before?.floor ?? 0);
  const since = isRaised ? Number.NEGATIVE_INFINITY : (before?.since ?? now);
  return { refill: { floor, since }, isDue: now - since >= refillDelay };
}
