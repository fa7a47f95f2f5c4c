import type { FailureClass } from "@kubestack/contracts";
import type { ContainerObservation, PodObservation } from "@kubestack/kubernetes";
import { agentContainerIn, injector } from "@kubestack/templates";

/** Why no build can run in a pod any more. */
export interface PodFailure {
  readonly failure: FailureClass;
  /** For people. */
  readonly reason: string;
}

/**
 * Why no build can run in a pod any more, or undefined while one can. The agent's container counts, not the phase (H28). What the
 * cluster says of its own doing comes first: it tells why containers ended, and why the pod is being deleted. Pure.
 */
export function podFailure(pod: PodObservation): PodFailure | undefined {
  // Told before its containers have ended, and by no other sign after.
  if (pod.reason === "DeadlineExceeded")
    return { failure: "pod-deadline", reason: "the pod's time was over: activeDeadlineSeconds of its template" };
  const agent = pod.containers.find(({ name, isInit }) => name === agentContainerIn(pod.annotations) && !isInit);
  const ended = agent?.state === "terminated" ? agent : undefined;
  return (
    disrupted(pod) ??
    (ended?.reason === "OOMKilled" ? outOfMemory(ended) : undefined) ??
    byItsNode(pod) ??
    (pod.deletionTimestamp === null ? undefined : { failure: "pod-deleted", reason: "the pod is being deleted" }) ??
    (ended === undefined ? undefined : exited(ended)) ??
    notInitialised(pod) ??
    over(pod)
  );
}

const is = (failure: FailureClass, what: string, told: string): PodFailure => ({
  failure,
  reason: told === "" ? what : `${what}: ${told}`,
});

/** By the condition DisruptionTarget, whose reasons are an API of Kubernetes. */
function disrupted({ disruption, ...pod }: PodObservation): PodFailure | undefined {
  if (disruption === null) return undefined;
  const { reason, message } = disruption;
  switch (reason) {
    case "PreemptionByScheduler":
      return is("preempted", "the pod had to give way to one of a higher priority", message);
    case "EvictionByEvictionAPI":
      return is("evicted", "the pod was evicted, as when its node is drained", message);
    case "DeletionByTaintManager":
      return is("node-lost", "its node is unreachable, or is being emptied by a taint", message);
    case "DeletionByPodGC":
      return is("node-lost", "its node is gone", message);
    case "TerminationByKubelet":
      return byItsNode(pod) ?? byWords(message) ?? is("evicted", "its node ended the pod", message);
    default:
      return is("evicted", "the pod is disrupted", reason || pod.reason || message || "no reason given");
  }
}

/** By the status's reason, which the kubelet or the node's controller sets (kubernetes: pkg/kubelet, pkg/util/node). */
function byItsNode({ reason, message }: Pick<PodObservation, "reason" | "message">): PodFailure | undefined {
  switch (reason) {
    case "NodeLost":
      return is("node-lost", "its node does not answer any more", message);
    case "Evicted":
      return is("evicted", "its node evicted the pod", message);
    case "Preempting":
      return is("preempted", "its node made room for a pod that it needs itself", message);
    case "Terminated":
    case "Shutdown":
    case "NodeShutdown":
      return is("node-shutdown", "its node is shutting down, as a spot machine that is taken back", message);
    default:
      return undefined;
  }
}

function byWords(message: string): PodFailure | undefined {
  if (/shutdown|shutting down/i.test(message)) return byItsNode({ reason: "Terminated", message });
  if (/preempted/i.test(message)) return byItsNode({ reason: "Preempting", message });
  return undefined;
}

function outOfMemory({ exitCode }: ContainerObservation): PodFailure {
  const reason = `the agent's container was killed for want of memory: it reached its limit (OOMKilled, code ${exitCode ?? "unknown"})`;
  return { failure: "out-of-memory", reason };
}

function exited({ exitCode, reason }: ContainerObservation): PodFailure {
  const why = reason === "" ? "" : ` (${reason})`;
  return {
    failure: isStarted(reason) ? "agent-exited" : "container-start",
    reason: `the agent's container ended with code ${exitCode ?? "unknown"}${why}`,
  };
}

/** A container that could not be started has written nothing: only its image can be the reason. */
const isStarted = (reason: string): boolean => reason !== "StartError" && reason !== "ContainerCannotRun";

function notInitialised({ containers }: PodObservation): PodFailure | undefined {
  const broken = containers.find(({ isInit, state, exitCode }) => isInit && state === "terminated" && exitCode !== 0);
  if (broken === undefined) return undefined;
  const { name, exitCode, reason } = broken;
  if (name !== injector)
    return { failure: "init-failed", reason: `init container ${name} failed with code ${exitCode}` };
  const failed = `the agent could not be put into its image: init container ${name} failed with code ${exitCode}`;
  const remedy = isStarted(reason) ? "" : ": its agentImage has no start-agent; build it from images/slave";
  return { failure: "init-failed", reason: `${failed}${remedy}` };
}

function over({ phase, reason, message, containers }: PodObservation): PodFailure | undefined {
  if (phase !== "Failed" && phase !== "Succeeded") return undefined;
  const isRejected = phase === "Failed" && reason !== "" && containers.every(({ state }) => state === "waiting");
  if (isRejected) return is("node-rejected", `its node did not take the pod (${reason})`, message);
  return { failure: "agent-exited", reason: `the pod is ${phase}: ${message || reason}` };
}
