import { hasCode, type SlaveRecord, type SlaveService } from "@kubestack/contracts";
import type { AsJson, Cluster, V1Service } from "@kubestack/kubernetes";
import { isMarkedAs, serviceName, serviceOf } from "@kubestack/templates";
import { identityOf } from "./identity.ts";

/** Makes what is missing of a slave's Services. Raises what the cluster refuses; returns the name of one that is another's. */
export async function createServices(
  slave: SlaveRecord,
  podUid: string,
  cluster: Cluster,
): Promise<string | undefined> {
  const identity = identityOf(slave);
  for (const service of slave.services ?? []) {
    try {
      await cluster.createService(slave.namespace, serviceOf(identity, podUid, service));
    } catch (error) {
      if (!hasCode(error, "already-exists")) throw error;
      // The one of an earlier try, unless it is a stranger's. One that is gone by now went with its pod.
      const name = serviceName(slave.name, service);
      const found = await cluster.getService(slave.namespace, name);
      if (found === undefined) continue;
      if (!isMarkedAs(identity, found.metadata?.annotations)) return name;
      await replaceFormer(slave, found, { podUid, cluster, service });
    }
  }
  return undefined;
}

/** That of a pod that was lost goes with it, sooner or later: the next pod needs one of its own, which must not go with that. */
async function replaceFormer(
  slave: SlaveRecord,
  { metadata }: AsJson<V1Service>,
  by: { readonly podUid: string; readonly cluster: Cluster; readonly service: SlaveService },
): Promise<void> {
  const { name = "", uid, ownerReferences = [] } = metadata ?? {};
  if (uid === undefined || ownerReferences.some((owner) => owner.uid === by.podUid)) return;
  await by.cluster.deleteService(slave.namespace, name, { uid });
  await by.cluster.createService(slave.namespace, serviceOf(identityOf(slave), by.podUid, by.service));
}

/** Those of a slave's Services that are still there; strangers with their names are none of them. */
export async function servicesLeft(slave: SlaveRecord, cluster: Cluster): Promise<AsJson<V1Service>[]> {
  const identity = identityOf(slave);
  const all = await Promise.all(
    (slave.services ?? []).map((service) => cluster.getService(slave.namespace, serviceName(slave.name, service))),
  );
  return all.filter(
    (one) => one !== undefined && isMarkedAs(identity, one.metadata?.annotations),
  ) as AsJson<V1Service>[];
}
