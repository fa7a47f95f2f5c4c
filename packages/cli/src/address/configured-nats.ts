import type { NatsConfig } from "@kubestack/bus";
import type { Environment } from "@kubestack/runtime";

/** The `nats:` part of a configuration file; `invalid-config` lists every fault of the file. */
export async function configuredNats(file: string, environment: Environment): Promise<NatsConfig> {
  // Loaded only here: the whole schema is not needed to talk to an address that is known.
  const { loadConfiguration } = await import("@kubestack/configuration");
  const { nats } = await loadConfiguration({ file, environment });
  return nats;
}
