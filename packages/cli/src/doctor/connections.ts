import { readFile } from "node:fs/promises";
import type { Configuration } from "@kubestack/configuration";
import type { SecretReference } from "@kubestack/contracts";
import { type Cluster, clusterSourceOf, connectCluster } from "@kubestack/kubernetes";
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
  const kubernetes = async (name: string, key: string): Promise<string | undefined> => {
    const cluster = await clusterOf(configuration, environment);
    try {
      const found = await cluster.getSecret((await ownNamespace()) ?? configuration.kubernetes.namespace, name);
      const value = found?.data?.[key];
      return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
    } finally {
      await cluster.close();
    }
  };
  return (reference: SecretReference) => readSecret(reference, { environment, kubernetes });
}

async function ownNamespace(): Promise<string | undefined> {
  const text = await readFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "utf8").catch(() => "");
  return text.trim() || undefined;
}
