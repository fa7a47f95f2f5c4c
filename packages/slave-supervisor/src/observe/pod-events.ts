import type { FailureClass, SlaveLife, Wait } from "@kubestack/contracts";
import type { ContainerObservation, PodObservation } from "@kubestack/kubernetes";
import type { SlaveEvent } from "@kubestack/slave";
import { agentContainerIn, injector } from "@kubestack/templates";
import { podFailure } from "../failures/pod-failure.ts";
import { isPull, waitingFailure } from "../failures/waiting-failure.ts";

/** What a pod's present state says that the slave's life does not know yet. */
export function eventsOfPod(pod: PodObservation, life: SlaveLife, at: number): SlaveEvent[] {
  const ended = podFailure(pod);
  if (ended !== undefined) {
    const end = { type: "pod.ended", ...ended, at } as const;
    return [...leaving(pod, life, at), ...(life.pod.endedAt === null ? [end] : [])];
  }
  const { waitsOn, detail: told, trouble } = waitOf(pod);
  const { pod: known } = life;
  // A back-off that only names the image does not take the registry's answer from those who read.
  const isMute = trouble === undefined && known.trouble !== null && imageOf(told) === imageOf(known.waitDetail);
  const detail = isMute ? known.waitDetail : told;
  if (waitsOn === known.waitsOn && detail === known.waitDetail && (pod.nodeName ?? known.node) === known.node)
    return [];
  const anew = waitsOn === "image" && known.waitsOn === "image" && imageOf(detail) !== imageOf(known.waitDetail);
  return [
    {
      type: "pod.progressed",
      node: pod.nodeName,
      waitsOn,
      detail,
      anew,
      ...(trouble === undefined ? {} : { trouble }),
      at,
    },
  ];
}

/** Counted from when it was seen: the cluster's clock is another one. */
function leaving({ deletionTimestamp, graceSeconds }: PodObservation, life: SlaveLife, at: number): SlaveEvent[] {
  if (deletionTimestamp === null || life.pod.goneBy !== null) return [];
  return [{ type: "pod.leaving", goneBy: at + (graceSeconds ?? 0) * 1000, at }];
}

/** Whether the container of the agent, or the one that puts the agent in, ended with another code than 0. */
export function hasFailed(pod: PodObservation): boolean {
  return [agentOf(pod), injectorOf(pod)].some((one) => one?.state === "terminated" && one.exitCode !== 0);
}

/** Whether the agent is still being put into its image. */
export function isBeingInjected(pod: PodObservation): boolean {
  return injectorOf(pod)?.state === "running";
}

/** The container whose log tells why no agent has come: the one that puts it in, until that has been done, and then the agent's. */
export function tellingContainer(pod: PodObservation): string {
  const injecting = injectorOf(pod);
  const isDone = injecting === undefined || (injecting.state === "terminated" && injecting.exitCode === 0);
  return isDone ? agentContainerIn(pod.annotations) : injector;
}

function injectorOf(pod: PodObservation): ContainerObservation | undefined {
  return pod.containers.find(({ name, isInit }) => name === injector && isInit);
}

function agentOf(pod: PodObservation): ContainerObservation | undefined {
  const agent = agentContainerIn(pod.annotations);
  return pod.containers.find(({ name, isInit }) => name === agent && !isInit);
}

/** What a pod waits for, what it says of that, and what keeps it waiting, if that is told. */
export interface PodWait {
  readonly waitsOn: Wait;
  readonly detail: string;
  /** As with `waitingFailure`. */
  readonly trouble: FailureClass | null | undefined;
}

/** What a pod that is not connected yet waits for, in order: a node, its images, the start of its containers, the agent. */
export function waitOf(pod: PodObservation): PodWait {
  if (pod.nodeName === null) return { waitsOn: "node", detail: pod.unschedulable ?? "", trouble: null };
  if (agentOf(pod)?.state === "running") return { waitsOn: "agent", detail: "", trouble: null };
  const pulling = pod.containers.find((one) => one.state === "waiting" && one.imageId === "" && isPull(one));
  if (pulling !== undefined) return { waitsOn: "image", detail: told(pulling), trouble: waitingFailure(pulling) };
  const stuck = pod.containers.find(
    ({ state, reason }) => state === "waiting" && reason !== "" && reason !== "ContainerCreating",
  );
  if (stuck === undefined) return { waitsOn: "start", detail: "", trouble: null };
  return { waitsOn: "start", detail: told(stuck), trouble: waitingFailure(stuck) };
}

function told({ name, reason, message }: ContainerObservation): string {
  return `${name}: ${reason}${message === "" ? "" : ` ${message}`}`.slice(0, 500);
}

/** The container that a pull's detail is about: back-off and error alternate for one image without beginning anew. */
function imageOf(detail: string): string {
  return detail.split(":")[0] ?? "";
}
