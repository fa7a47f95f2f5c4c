import {
  type CapacityDecision,
  type CapacitySituation,
  decideCapacity,
  decideNotices,
  decideRemovals,
  type NoticeDecision,
  type NoticeSituation,
  type ScaleDownDecision,
  type ScaleDownSituation,
  type WantedPods,
  wantedOf,
} from "@kubestack/capacity";
import type { Plan } from "@kubestack/contracts";

/** How it is decided; a test may decide otherwise. */
export interface Deciding {
  decide(situation: CapacitySituation): CapacityDecision;
  decideRemovals(situation: ScaleDownSituation): ScaleDownDecision;
  decideNotices(situation: NoticeSituation): NoticeDecision;
  wantedOf(plans: readonly Plan[], pods: CapacitySituation["pods"]): readonly WantedPods[];
}

export const deciding: Deciding = { decide: decideCapacity, decideRemovals, decideNotices, wantedOf };
