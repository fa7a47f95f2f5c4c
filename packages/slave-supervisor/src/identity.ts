import type { SlaveRecord } from "@kubestack/contracts";
import type { SlaveIdentity } from "@kubestack/templates";

/** What a slave's objects bear as marks. */
export function identityOf(slave: SlaveRecord): SlaveIdentity {
  const { install, master, template, name, epoch, number, nonce, labels, size, services, unlabelled } = slave;
  return { install, master, template, name, epoch, number, nonce, labels, size, services, unlabelled };
}
