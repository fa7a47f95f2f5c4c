import type { SlaveRecord } from "@kubestack/contracts";
import type { SlaveIdentity } from "@kubestack/templates";

/** What a slave's objects bear as marks: those of its present pod, and what that owns. */
export function identityOf(slave: SlaveRecord): SlaveIdentity {
  const { install, master, template, name, epoch, number, nonce, labels, size, services, unlabelled, life } = slave;
  const { attempt } = life;
  return { install, master, template, name, epoch, number, nonce, labels, size, services, unlabelled, attempt };
}
