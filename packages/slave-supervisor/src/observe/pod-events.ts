import type { SlaveLife, Wait } from "@kubestack/contracts";
import type { ContainerObservation, PodObservation } from "@kubestack/kubernetes";
import type { SlaveEvent } from "@kubestack/slave";
import { agentContainerIn, injector } from "@kubestack/templates";

/** What a pod's present state says that the slave's life does not know yet. */
export function eventsOfPod(pod: PodObservation, life: SlaveLife, at: number): SlaveEvent[] {
  const ended = endOf(pod);
  if (ended !== undefined) {
    const end = { type: "pod.ended", reason: ended, at } as const;
    return [...leaving(pod, life, at), ...(life.pod.endedAt === null ? [end] : [])];
  }
  const { waitsOn, detail } = waitOf(pod);
  const { pod: known } = life;
  if (waitsOn === known.waitsOn && detail === known.waitDetail && (pod.nodeName ?? known.node) === known.node)
    return [];
  const anew = waitsOn === "image" && known.waitsOn === "image" && imageOf(detail) !== imageOf(known.waitDetail);
  return [{ type: "pod.progressed", node: pod.nodeName, waitsOn, detail, anew, at }];
}

/** Counted from when it was seen: the cluster's clock is another one. */
function leaving({ deletionTimestamp, graceSeconds }: PodObservation, life: SlaveLife, at: number): SlaveEvent[] {
  if (deletionTimestamp === null || life.pod.goneBy !== null) return [];
  return [{ type: "pod.leaving", goneBy: at + (graceSeconds ?? 0) * 1000, at }];
}

/** Why no build can run in the pod any more, or undefined while one can. The agent's container counts, not the phase. */
function endOf(pod: PodObservation): string | undefined {
  if (pod.deletionTimestamp !== null) return "the pod is being deleted";
  if (pod.disrupted) return `the pod is disrupted: ${pod.reason || pod.message || "no reason given"}`;
  // Told before its containers have ended, and by no other sign after.
  if (pod.reason === "DeadlineExceeded") return "the pod's time was over: activeDeadlineSeconds of its template";
  const agent = agentOf(pod);
  if (agent?.state === "terminated") {
    const why = agent.reason === "" ? "" : ` (${agent.reason})`;
    return `the agent's container ended with code ${agent.exitCode ?? "unknown"}${why}`;
  }
  const broken = pod.containers.find(
    ({ isInit, state, exitCode }) => isInit && state === "terminated" && exitCode !== 0,
  );
  if (broken?.name === injector) return notInjected(broken);
  if (broken !== undefined) return `init container ${broken.name} failed with code ${broken.exitCode}`;
  if (pod.phase === "Failed" || pod.phase === "Succeeded")
    return `the pod is ${pod.phase}: ${pod.message || pod.reason}`;
  return undefined;
}

/** A container that could not be started has written nothing: only its image can be the reason. */
function notInjected({ name, reason, exitCode }: ContainerObservation): string {
  const failed = `the agent could not be put into its image: init container ${name} failed with code ${exitCode}`;
  const isStarted = reason !== "StartError" && reason !== "ContainerCannotRun";
  return isStarted ? failed : `${failed}: its agentImage has no start-agent; build it from images/slave`;
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

/** What a pod that is not connected yet waits for, in order: a node, its images, the start of its containers, the agent. */
export function waitOf(pod: PodObservation): { waitsOn: Wait; detail: string } {
  if (pod.nodeName === null) return { waitsOn: "node", detail: pod.unschedulable ?? "" };
  if (agentOf(pod)?.state === "running") return { waitsOn: "agent", detail: "" };
  const pulling = pod.containers.find(
    ({ state, imageId, reason }) => state === "waiting" && imageId === "" && isPull(reason),
  );
  if (pulling !== undefined) return { waitsOn: "image", detail: told(pulling) };
  const stuck = pod.containers.find(
    ({ state, reason }) => state === "waiting" && reason !== "" && reason !== "ContainerCreating",
  );
  return { waitsOn: "start", detail: stuck === undefined ? "" : told(stuck) };
}

function isPull(reason: string): boolean {
  return reason === "ErrImagePull" || reason === "ImagePullBackOff" || reason === "InvalidImageName";
}

function told({ name, reason, message }: ContainerObservation): string {
  return `${name}: ${reason}${message === "" ? "" : ` ${message}`}`.slice(0, 500);
}

/** The container that a pull's detail is about: back-off and error alternate for one image without beginning anew. */
function imageOf(detail: string): string {
  return detail.split(":")[0] ?? "";
}
