import { type Hold, KubestackError, type LiftRequest } from "@kubestack/contracts";
import { checkHeld } from "./lifting.ts";
import type { MasterScope } from "./master-scope.ts";
import { checkOwner } from "./order-master.ts";

/**
 * Lifts the hold of a template with its sizes, of a namespace or of the master: kept when this resolves, so that whoever owns the
 * master next knows it. `holds` says what is held at an instant.
 */
export async function liftHold(
  scope: MasterScope,
  { what, name, by, reason }: LiftRequest,
  holds: (now: number) => readonly Hold[],
): Promise<Pick<LiftRequest, "master" | "what" | "name">> {
  const { bus, name: master } = scope.options;
  if (!scope.isOwner()) throw new KubestackError("not-owner", `Master ${master} is supervised by another process.`);
  const at = bus.clock.now();
  checkHeld(master, { what, name }, holds(at));
  await scope.standing.lift({ what, name, by, at, reason });
  await checkOwner(scope);
  return { master, what, name };
}
