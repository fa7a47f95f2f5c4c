import type { MasterConfig } from "@kubestack/configuration";
import type { SecretReference } from "@kubestack/contracts";
import { connectMaster, type Master, masterOptionsOf } from "@kubestack/jenkins";

/** Makes a connection to a configured master: each service has its own. */
export async function masterOf(
  config: MasterConfig,
  readSecret: (reference: SecretReference) => Promise<string>,
): Promise<Master> {
  return connectMaster(await masterOptionsOf(config, readSecret));
}
