import { type Cluster, managedSelector, type V1Pod, type V1Secret, type V1Service } from "@kubestack/kubernetes";
import { runningStatus } from "./fake-cluster.fixture.ts";
import type { World } from "./world.fixture.ts";

const intervalMs = 50;

/**
 * Lets a world see a real cluster in the place of its own: pods, Secrets and Services as the API server has them. What its moments
 * do to pods is done to the real ones; there is no kubelet besides.
 */
export function mirrored(world: World, cluster: Cluster, namespace: string): { stop(): Promise<void> } {
  const { pods, secrets, services } = world.cluster;
  let stopped = false;
  world.cluster.set = (name) => {
    // Until the mirror shows it: one moment must not do the same twice.
    const pod = pods.get(name);
    if (pod !== undefined) pods.set(name, { ...pod, status: runningStatus });
    cluster
      .request({
        method: "PATCH",
        path: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
        contentType: "application/merge-patch+json",
        body: { status: runningStatus },
      })
      .catch(() => undefined);
  };
  const refill = <T extends { metadata?: { name?: string } | undefined }>(map: Map<string, T>, all: readonly T[]) => {
    map.clear();
    for (const one of all) map.set(one.metadata?.name ?? "", one);
  };
  const mirror = async (): Promise<void> => {
    while (!stopped) {
      // Those first that are made last: what a pod owns is not missed because the pod was seen later.
      const allSecrets = await cluster.listSecrets(namespace, managedSelector);
      const [allPods, allServices] = await Promise.all([
        cluster.listPods(namespace, managedSelector),
        cluster.listServices(namespace, managedSelector),
      ]);
      refill(pods, allPods as unknown as V1Pod[]);
      refill(secrets, allSecrets as unknown as V1Secret[]);
      refill(services, allServices as unknown as V1Service[]);
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  };
  const running = mirror();
  return {
    stop: () => {
      stopped = true;
      return running;
    },
  };
}
