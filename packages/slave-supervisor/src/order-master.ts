import { KubestackError, keys, type MasterOrder, type OrderRequest } from "@kubestack/contracts";
import { drainAll } from "./draining.ts";
import type { MasterScope } from "./master-scope.ts";

/**
 * Pauses, drains or resumes the master. Done between two launches; and whoever has taken the master over in the meantime has
 * read what was kept here, or is told of: so that nothing is launched once it is answered.
 */
export async function orderMaster(
  scope: MasterScope,
  request: OrderRequest,
): Promise<{ master: string; order: MasterOrder | null }> {
  const { options, standing } = scope;
  if (!scope.isOwner())
    throw new KubestackError("not-owner", `Master ${options.name} is supervised by another process.`);
  const order = await standing.order(request);
  await checkOwner(scope);
  drainAll(scope);
  return { master: options.name, order };
}

/** Raises `bus-unavailable` where the ledger is another process's by now: whether that one heeds what was written is open. */
export async function checkOwner({ options, ledger }: MasterScope): Promise<void> {
  const { bus, name } = options;
  const found = await bus.ledger.get(keys.ledger(name));
  if (found !== undefined && found.value.owner === ledger?.ledger.owner && found.value.term === ledger.ledger.term)
    return;
  throw new KubestackError(
    "bus-unavailable",
    `Master ${name} went to another process meanwhile: look how it stands (kubestackcmd masters), and ask again if need be.`,
  );
}
