import { podName, type SlaveRecord } from "@kubestack/contracts";
import type { AsJson, Cluster, V1Secret } from "@kubestack/kubernetes";
import { isPodKept, type SlaveEvent } from "@kubestack/slave";
import { isMarkedAs } from "@kubestack/templates";
import type { EffectTools } from "./effects.ts";
import { identityOf } from "./identity.ts";
import { servicesLeft } from "./slave-services.ts";

/** What its pod owned and outlives it longer than this, in milliseconds, is deleted by hand. */
const ownedGraceMs = 30_000;

/** Those of its pods' Secrets that are still there; strangers with their names are none of them. */
async function secretsLeft(slave: SlaveRecord, cluster: Cluster): Promise<AsJson<V1Secret>[]> {
  const { name, namespace, life } = slave;
  const names = Array.from({ length: life.attempt }, (_, before) => podName({ name, attempt: before + 1 }));
  const all = await Promise.all(names.map((one) => cluster.getSecret(namespace, one)));
  return all.filter((one) => isMarkedAs(identityOf(slave), one?.metadata?.annotations)) as AsJson<V1Secret>[];
}

/** The Secret and the Services go with their owner; what stays is deleted by hand. */
export async function confirmSecretGone(
  slave: SlaveRecord,
  { bus, cluster }: Pick<EffectTools, "bus" | "cluster">,
): Promise<SlaveEvent | undefined> {
  const at = bus.clock.now();
  const { namespace, life } = slave;
  if (life.pod.uid === null && life.attempt === 1) return { type: "secret.gone", at };
  const [secrets, services] = await Promise.all([secretsLeft(slave, cluster), servicesLeft(slave, cluster)]);
  if (secrets.length === 0 && services.length === 0) return { type: "secret.gone", at };
  // The owner of those whose pod is kept stays.
  if (!isPodKept(life) && at - (life.pod.goneAt ?? at) <= ownedGraceMs) return undefined;
  const only = (uid: string | undefined) => (uid === undefined ? {} : { uid });
  for (const { metadata } of secrets) await cluster.deleteSecret(namespace, metadata?.name ?? "", only(metadata?.uid));
  for (const { metadata } of services)
    await cluster.deleteService(namespace, metadata?.name ?? "", only(metadata?.uid));
  return undefined;
}
