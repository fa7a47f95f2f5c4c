import { readFile } from "node:fs/promises";
import type { Cluster } from "./cluster.ts";

/** A key of a Secret, and where it is looked for. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
  /** Where this process runs in no pod; else the Secret is in its pod's own namespace. */
  readonly namespace: string;
}

/** Reads one value over a connection of its own, which is closed again; undefined where Secret or key is not there. */
export async function secretValue(
  connect: () => Promise<Cluster>,
  { name, key, namespace }: SecretKey,
): Promise<string | undefined> {
  const cluster = await connect();
  try {
    const found = await cluster.getSecret((await ownNamespace()) ?? namespace, name);
    const value = found?.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
  } finally {
    await cluster.close();
  }
}

/** The namespace of the pod that this process runs in, if it runs in one. */
async function ownNamespace(): Promise<string | undefined> {
  const text = await readFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "utf8").catch(() => "");
  return text.trim() || undefined;
}
