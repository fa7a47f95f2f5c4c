import type { SlaveRecord } from "@kubestack/contracts";
import type { PodObservation } from "@kubestack/kubernetes";
import type { SlaveEvent } from "@kubestack/slave";
import { agentContainerIn } from "@kubestack/templates";

/**
 * What the pod of a slave that attaches by itself says of its work. Ready, it is online. An agent's container that ends with
 * code 0 has done what it was launched for; any other end is a failure, which `eventsOfPod` tells.
 */
export function eventsOfOwnPod(
  pod: PodObservation,
  { state, life, item, name }: Pick<SlaveRecord, "state" | "life" | "item" | "name">,
  at: number,
): SlaveEvent[] {
  const within = agentContainerIn(pod.annotations);
  const agent = pod.containers.find((container) => container.name === within && !container.isInit);
  const mayBegin = state === "requested" || state === "scheduled";
  if (pod.ready && pod.deletionTimestamp === null && mayBegin) return [{ type: "agent.online", at }];
  const isDone = agent?.state === "terminated" && agent.exitCode === 0 && life.pod.endedAt === null;
  if (!isDone || !(mayBegin || state === "online" || state === "busy")) return [];
  const url = life.builds.current?.url ?? (item?.url || item?.id || name);
  return [{ type: "build.finished", url, at }];
}
