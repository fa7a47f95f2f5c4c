import { isJenkins, type MasterConfig } from "@kubestack/configuration";
import type { SecretReference } from "@kubestack/contracts";
import { connectMaster, type Master, masterOptionsOf } from "@kubestack/jenkins";

/** Makes a connection to a configured Jenkins, each service has its own; undefined for a master that is none. */
export async function masterOf(
  config: MasterConfig,
  readSecret: (reference: SecretReference) => Promise<string>,
): Promise<Master | undefined> {
  return isJenkins(config) ? connectMaster(await masterOptionsOf(config, readSecret)) : undefined;
}
