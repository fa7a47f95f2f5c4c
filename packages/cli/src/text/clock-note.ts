import { offsetAlertMs } from "@kubestack/bus";
import { printSpan } from "@kubestack/explain";

/**
 * A sentence where this machine's clock is known to be behind NATS's: something was stored `aheadMs` after now. Ages
 * are then too short. A clock that runs ahead can't be seen this way.
 */
export function clockNote(aheadMs: number): string | undefined {
  if (aheadMs <= offsetAlertMs) return undefined;
  return `This machine's clock is at least ${printSpan(aheadMs)} behind NATS's: the ages shown are too short by that.`;
}
