import { hasCode, keys, type LivingSlave, type SlaveRecord, slaveRecordVersion } from "@kubestack/contracts";
import { newLife, slaveName } from "@kubestack/slave";
import type { MasterScope } from "./master-scope.ts";
import { lifeLimitsOf } from "./slave-limits.ts";

export function slaveNameOf(master: string, epoch: string, living: LivingSlave): string {
  return slaveName({ master, epoch, number: living.number });
}

/** Saves the record of a slave that the ledger names, and begins its life. */
export async function recordLiving({ options, roster, ledger }: MasterScope, living: LivingSlave): Promise<void> {
  if (ledger === undefined) return;
  const { bus, install, namespace, templates, name: master, log } = options;
  const { epoch } = ledger.ledger;
  const name = slaveNameOf(master, epoch, living);
  const template = templates.find((one) => one.name === living.template);
  const record: Omit<SlaveRecord, "op"> = {
    version: slaveRecordVersion,
    install,
    master,
    name,
    epoch,
    number: living.number,
    nonce: living.nonce,
    template: living.template,
    labels: living.labels,
    item: living.item,
    namespace,
    state: "requested",
    life: newLife(lifeLimitsOf(template), { at: living.at, reason: living.reason }),
  };
  const key = keys.slave(master, name);
  try {
    roster.resume(roster.add(await bus.slaves.create(key, record)));
  } catch (error) {
    if (!hasCode(error, "already-exists")) throw error;
    // The process that owned the master before had come this far: its record is the slave's.
    const found = await bus.slaves.get(key);
    log.info({ slave: name }, "was recorded already");
    if (found !== undefined) roster.resume(roster.add(found));
  }
}
