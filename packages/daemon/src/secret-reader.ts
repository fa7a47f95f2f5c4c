import { readFile } from "node:fs/promises";
import type { Configuration } from "@kubestack/configuration";
import type { SecretReference } from "@kubestack/contracts";
import { clusterSourceOf, connectCluster } from "@kubestack/kubernetes";
import { type Environment, readSecret } from "@kubestack/runtime";

/** Reads secrets from files, the environment, or the Secrets of the namespace that this process runs in. */
export function secretReader(
  configuration: Configuration,
  environment: Environment,
): (reference: SecretReference) => Promise<string> {
  const kubernetes = async (name: string, key: string): Promise<string | undefined> => {
    const cluster = connectCluster(
      await clusterSourceOf(configuration.kubernetes, (reference) => readSecret(reference, { environment })),
    );
    try {
      const found = await cluster.getSecret((await ownNamespace()) ?? configuration.kubernetes.namespace, name);
      const value = found?.data?.[key];
      return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
    } finally {
      await cluster.close();
    }
  };
  return (reference) => readSecret(reference, { environment, kubernetes });
}

/** The namespace of the pod that this process runs in, if it runs in one. */
async function ownNamespace(): Promise<string | undefined> {
  const text = await readFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "utf8").catch(() => "");
  return text.trim() || undefined;
}
