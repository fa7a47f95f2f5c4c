import type { PodObservation } from "@kubestack/kubernetes";
import type { ControlPlane } from "@kubestack/real-parts";
import { agentsNamespace } from "@kubestack/sandbox";

const pathOf = ({ name }: PodObservation): string => `/api/v1/namespaces/${agentsNamespace}/pods/${name}`;

/** Its container ends with code 1. */
export function failPod(plane: ControlPlane, pod: PodObservation): Promise<unknown> {
  const terminated = { exitCode: 1, reason: "Error", startedAt: null, finishedAt: null };
  const containers = pod.containers.map(({ name }) => ({
    name,
    image: "agent",
    imageID: "",
    ready: false,
    restartCount: 0,
    state: { terminated },
  }));
  return plane.json(`${pathOf(pod)}/status`, {
    method: "PATCH",
    contentType: "application/merge-patch+json",
    body: { status: { phase: "Failed", containerStatuses: containers } },
  });
}

/** It is gone at once. */
export function deletePod(plane: ControlPlane, pod: PodObservation): Promise<unknown> {
  return plane.json(`${pathOf(pod)}?gracePeriodSeconds=0`, { method: "DELETE" });
}

export function evictPod(plane: ControlPlane, pod: PodObservation): Promise<unknown> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod.name, namespace: agentsNamespace } };
  return plane.json(`${pathOf(pod)}/eviction`, { method: "POST", body });
}
