import type { Configuration } from "@kubestack/configuration";
import type { SecretReference } from "@kubestack/contracts";
import { clusterSourceOf, connectCluster, secretValue } from "@kubestack/kubernetes";
import { type Environment, readSecret } from "@kubestack/runtime";

/** Reads secrets from files, the environment, or the Secrets of the namespace that this process runs in. */
export function secretReader(
  { kubernetes: settings }: Configuration,
  environment: Environment,
): (reference: SecretReference) => Promise<string> {
  const connect = async () =>
    connectCluster(await clusterSourceOf(settings, (reference) => readSecret(reference, { environment })));
  const kubernetes = (name: string, key: string): Promise<string | undefined> =>
    secretValue(connect, { name, key, namespace: settings.namespace });
  return (reference) => readSecret(reference, { environment, kubernetes });
}
