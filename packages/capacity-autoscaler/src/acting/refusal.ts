import type { PoolMemory } from "@kubestack/contracts";

/** Nothing is asked of a pool for so long after its target refused, in milliseconds; doubled each time in a row. */
export const leastHoldMs = 10_000;
export const mostHoldMs = 30 * 60_000;

/** An ask that was not taken. */
export interface Refusal {
  readonly pool: string;
  /** When it was asked, as its memory has it. */
  readonly at: number;
  readonly because: string;
}

/**
 * What is remembered of a pool after its target did not take an ask: no node comes for it, and others are asked meanwhile. Pure.
 */
export function afterRefusal(memory: PoolMemory, { at, because }: Refusal, now: number): PoolMemory {
  const failures = memory.failures + 1;
  const holdMs = Math.min(mostHoldMs, leastHoldMs * 2 ** Math.min(failures - 1, 20));
  return {
    ...memory,
    asks: memory.asks.filter((ask) => ask.at !== at),
    failures,
    hold: { until: now + holdMs, because },
  };
}
