import type { Configuration } from "@kubestack/configuration";
import type { SecretReference } from "@kubestack/contracts";
import { type Cluster, clusterSourceOf, connectCluster, secretValue } from "@kubestack/kubernetes";
import { type Environment, readSecret } from "@kubestack/runtime";

/** How long one request to the cluster may take, in milliseconds. */
const timeoutMs = 8000;

/** The cluster of the configuration. */
export async function clusterOf({ kubernetes }: Configuration, environment: Environment): Promise<Cluster> {
  const source = await clusterSourceOf(kubernetes, (reference) => readSecret(reference, { environment }));
  return connectCluster({ ...source, timeoutMs, userAgent: "kubestackcmd" });
}

/** Reads secrets as the services do: from files, the environment, or Secrets of the namespace that this runs in. */
export function secretReader(configuration: Configuration, environment: Environment) {
  const connect = (): Promise<Cluster> => clusterOf(configuration, environment);
  const kubernetes = (name: string, key: string): Promise<string | undefined> =>
    secretValue(connect, { name, key, namespace: configuration.kubernetes.namespace });
  return (reference: SecretReference) => readSecret(reference, { environment, kubernetes });
}
