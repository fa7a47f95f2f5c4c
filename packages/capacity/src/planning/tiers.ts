import type { PodNeeds } from "@kubestack/contracts";

/** The pools that pods may have at a turn, by their places: one after the other where their template names them, else all at once. */
export function tierOf({ pools }: PodNeeds, names: readonly string[], turn: number): readonly number[] {
  if (pools === undefined) return turn === 0 ? [...names.keys()] : [];
  const at = names.indexOf(pools[turn] ?? "");
  return at === -1 ? [] : [at];
}

/** How many turns all of them may need. */
export function turnsOf(all: readonly PodNeeds[]): number {
  return all.reduce((most, { pools }) => Math.max(most, pools?.length ?? 1), 1);
}
