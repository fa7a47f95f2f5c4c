import type { CapacityDecision, CapacitySituation, WantedPods } from "@kubestack/capacity";
import type { Plan } from "@kubestack/contracts";

/** How it is decided; a test may decide otherwise. */
export interface Deciding {
  decide(situation: CapacitySituation): CapacityDecision;
  wantedOf(plans: readonly Plan[], pods: CapacitySituation["pods"]): readonly WantedPods[];
}

/** Every pool stays as it is. */
export const deciding: Deciding = {
  decide: ({ memories }) => ({ targets: [], unplaced: [], memories }),
  wantedOf: () => [],
};
