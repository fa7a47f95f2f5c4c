import { type ForgetRequest, KubestackError } from "@kubestack/contracts";
import { drainAll } from "./draining.ts";
import { checkForgetting } from "./forgetting.ts";
import type { MasterScope } from "./master-scope.ts";
import { checkOwner } from "./order-master.ts";

/**
 * Gives a master up that is out of the configuration and off for good: nothing is waited for there any more. Kept when this
 * resolves, so that whoever owns the master goes on with it. Answers how many slaves are given up.
 */
export async function forgetMaster(
  scope: MasterScope,
  { by, reason, isConfirmed }: ForgetRequest,
): Promise<{ master: string; slaves: number }> {
  const { options, ledger, standing, roster, demand } = scope;
  const { name: master, isListed, bus } = options;
  if (!scope.isOwner() || ledger === undefined)
    throw new KubestackError("not-owner", `Master ${master} is supervised by another process.`);
  await standing.read();
  const slaves = ledger.ledger.live.length;
  const busy = [...roster.all()].filter(({ record }) => record.state === "busy").length;
  const isAnswering = demand.isMasterKnown(bus.clock.now());
  checkForgetting({ master, isListed, slaves, busy, isAnswering, isConfirmed, forgotten: standing.forgotten });
  await standing.giveUp({ by, reason });
  await checkOwner(scope);
  drainAll(scope);
  return { master, slaves };
}
