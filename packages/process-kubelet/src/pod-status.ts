import type { ContainerState, ContainerStatus, Pod, PodCondition, Terminated } from "./pod.ts";

/** What a kubelet writes of a pod: the whole status of which it is the author. */
export interface WrittenStatus {
  readonly phase: PodPhase;
  readonly conditions: readonly PodCondition[];
  readonly startTime: string;
  readonly hostIP: string;
  readonly hostIPs: readonly { readonly ip: string }[];
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip: string }[];
  readonly qosClass?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
}

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

/** All that a pod's status is decided from. */
export interface PodFacts {
  readonly pod: Pod;
  readonly init: readonly ContainerStatus[];
  readonly containers: readonly ContainerStatus[];
  readonly startTime: string;
  readonly hostIp: string;
  /** Set once the pod's folders are there: from then on it has an address. */
  readonly isSandboxReady: boolean;
  /** Why the pod ended as a whole (refused, too long, lost), whatever its containers say. */
  readonly verdict?: { readonly reason: string; readonly message: string };
}

/** The phase, by the rule of the kubelet: a container still waiting for its first start keeps the whole pod pending. */
export function podPhase(facts: PodFacts): PodPhase {
  if (facts.verdict !== undefined) return "Failed";
  const policy = facts.pod.spec.restartPolicy ?? "Always";
  const initEnds = facts.init.map(lastEnd);
  if (policy === "Never" && initEnds.some((end) => end !== undefined && end.exitCode !== 0)) return "Failed";
  if (facts.init.some((status) => status.state.terminated?.exitCode !== 0)) return "Pending";
  if (facts.containers.some((status) => status.state.waiting !== undefined && lastEnd(status) === undefined))
    return "Pending";
  if (facts.containers.some((status) => status.state.running !== undefined)) return "Running";
  if (policy === "Always") return "Running";
  const allWell = facts.containers.every((status) => lastEnd(status)?.exitCode === 0);
  if (allWell) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

/** How a container last ended; also while it waits to be started again. */
function lastEnd(status: ContainerStatus): Terminated | undefined {
  return status.state.terminated ?? (status.state.waiting === undefined ? undefined : status.lastState.terminated);
}

/** The whole status; a condition that did not change keeps the time at which it last did. `nowIso` is the time of this decision. */
export function podStatus(facts: PodFacts, nowIso: string): WrittenStatus {
  const phase = podPhase(facts);
  const before = new Map(facts.pod.status?.conditions?.map((condition) => [condition.type, condition]));
  const conditions = conditionsOf(facts, phase).map((condition) => {
    const same = before.get(condition.type)?.status === condition.status;
    const since = same ? before.get(condition.type)?.lastTransitionTime : undefined;
    // A strategic merge keeps what it is not told to drop: a reason of earlier is taken away by name.
    return { reason: null, message: null, ...condition, lastTransitionTime: since ?? nowIso };
  });
  const ips = facts.isSandboxReady ? { podIP: facts.hostIp, podIPs: [{ ip: facts.hostIp }] } : {};
  return {
    phase,
    conditions,
    startTime: facts.startTime,
    hostIP: facts.hostIp,
    hostIPs: [{ ip: facts.hostIp }],
    ...ips,
    ...(facts.verdict ?? {}),
    ...(facts.init.length > 0 ? { initContainerStatuses: facts.init } : {}),
    containerStatuses: facts.containers,
  };
}

function conditionsOf(facts: PodFacts, phase: PodPhase): PodCondition[] {
  const uninitialised = facts.init
    .filter((status) => status.state.terminated?.exitCode !== 0)
    .map((status) => status.name);
  const unready = facts.containers.filter((status) => !status.ready).map((status) => status.name);
  const initialised: PodCondition =
    uninitialised.length === 0
      ? { type: "Initialized", status: "True", ...(phase === "Succeeded" ? { reason: "PodCompleted" } : {}) }
      : {
          type: "Initialized",
          status: "False",
          reason: phase === "Failed" ? "PodFailed" : "ContainersNotInitialized",
          message: `containers with incomplete status: [${uninitialised.join(" ")}]`,
        };
  const ended = { Succeeded: "PodCompleted", Failed: "PodFailed", Pending: undefined, Running: undefined }[phase];
  const readiness = (type: string): PodCondition => {
    if (ended !== undefined) return { type, status: "False", reason: ended };
    if (unready.length === 0 && phase === "Running") return { type, status: "True" };
    const message = `containers with unready status: [${unready.join(" ")}]`;
    return { type, status: "False", reason: "ContainersNotReady", message };
  };
  return [
    { type: "PodReadyToStartContainers", status: facts.isSandboxReady && ended === undefined ? "True" : "False" },
    initialised,
    readiness("Ready"),
    readiness("ContainersReady"),
    { type: "PodScheduled", status: "True" },
  ];
}

/** A container's status before anything was done for it. */
export function untouchedContainer(name: string, image: string, isBehindInit: boolean): ContainerStatus {
  const reason = isBehindInit ? "PodInitializing" : "ContainerCreating";
  return {
    name,
    image,
    imageID: "",
    ready: false,
    started: false,
    restartCount: 0,
    state: { waiting: { reason } },
    lastState: {},
  };
}

/** How a container stands of which the kubelet knows only that it does not run any more: what was known to have ended stays as it is. */
export function lostContainer(status: ContainerStatus): ContainerStatus {
  if (status.state.terminated !== undefined) return status;
  const terminated: Terminated = {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: "The container could not be located when the pod was terminated",
    startedAt: status.state.running?.startedAt ?? null,
    finishedAt: null,
    ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
  };
  return { ...status, ready: false, started: false, state: { terminated } };
}

/** What a process's end is as a container's state. A signal is also told as 128 + its number, as container runtimes do. */
export function terminatedState(end: {
  readonly code: number | null;
  readonly signalNumber: number | undefined;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly containerId: string;
}): ContainerState & { readonly terminated: Terminated } {
  const exitCode = end.signalNumber === undefined ? (end.code ?? 255) : 128 + end.signalNumber;
  return {
    terminated: {
      exitCode,
      ...(end.signalNumber === undefined ? {} : { signal: end.signalNumber }),
      reason: exitCode === 0 ? "Completed" : "Error",
      startedAt: end.startedAt,
      finishedAt: end.finishedAt,
      containerID: end.containerId,
    },
  };
}
