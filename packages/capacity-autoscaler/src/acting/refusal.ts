import { heldMemory } from "@kubestack/capacity";
import type { PoolMemory } from "@kubestack/contracts";

/** Asks that were not taken. */
export interface Refusal {
  readonly pool: string;
  /** What was asked after this was not taken, by the times in its memory; what was asked before was. */
  readonly after: number;
  readonly because: string;
}

/** What is remembered of a pool after its target did not take an ask: no node comes for it, and others are asked meanwhile. Pure. */
export function afterRefusal(memory: PoolMemory, { after, because }: Refusal, now: number): PoolMemory {
  const asks = memory.asks.filter(({ at }) => at <= after);
  return { ...heldMemory(memory, { because, now }), asks };
}
