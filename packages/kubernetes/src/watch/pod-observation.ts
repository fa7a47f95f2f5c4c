import type { RawObject } from "./list-objects.ts";

/** One container of a pod, as its node last reported it. */
export interface ContainerObservation {
  readonly name: string;
  /** Runs before the others; a sidecar among these runs on beside them. */
  readonly isInit: boolean;
  readonly state: "waiting" | "running" | "terminated";
  /** Such as ImagePullBackOff or OOMKilled; empty where nothing is said. */
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number | null;
  /** Milliseconds since 1970, as the next. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Digest of the image; empty until it has been pulled. */
  readonly imageId: string;
}

/** What is kept of a pod: plain JSON, a few hundred bytes. All times are milliseconds since 1970 by the cluster's clock. */
export interface PodObservation {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Pending, Running, Succeeded, Failed or Unknown. */
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  readonly nodeName: string | null;
  /** When it will be gone by force; null where nobody deletes it. */
  readonly deletionTimestamp: number | null;
  /** How long it may take to end once it is being deleted, in seconds; null where nobody deletes it. */
  readonly graceSeconds: number | null;
  /** By what it is about to be preempted, evicted or given up with its node (condition DisruptionTarget); null: it is not. */
  readonly disruption: { readonly reason: string; readonly message: string } | null;
  /** All its containers are ready (condition Ready). */
  readonly ready: boolean;
  readonly createdAt: number;
  readonly scheduledAt: number | null;
  /** Why the scheduler finds no node; null where it has found one or not looked yet. */
  readonly unschedulable: string | null;
  readonly containers: readonly ContainerObservation[];
  readonly labels: Readonly<Record<string, string>>;
  /** Those under kubestack.io/ only. */
  readonly annotations: Readonly<Record<string, string>>;
}

const longestText = 1024;
const ownPrefix = "kubestack.io/";

interface RawCondition {
  readonly type?: string;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
}

interface RawContainerStatus {
  readonly name?: string;
  readonly imageID?: string;
  readonly state?: Partial<Record<"waiting" | "running" | "terminated", RawContainerState>>;
}

interface RawContainerState {
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

interface RawPodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly RawCondition[];
  readonly initContainerStatuses?: readonly RawContainerStatus[];
  readonly containerStatuses?: readonly RawContainerStatus[];
}

const textOf = (value: string | undefined) => (value ?? "").slice(0, longestText);

function timeOf(value: string | undefined): number | null {
  const time = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

function containerOf(raw: RawContainerStatus, isInit: boolean): ContainerObservation {
  const kind = raw.state?.terminated ? "terminated" : raw.state?.running ? "running" : "waiting";
  const state = raw.state?.[kind] ?? {};
  return {
    name: raw.name ?? "",
    isInit,
    state: kind,
    reason: textOf(state.reason),
    message: textOf(state.message),
    exitCode: state.exitCode ?? null,
    startedAt: timeOf(state.startedAt),
    finishedAt: timeOf(state.finishedAt),
    imageId: raw.imageID ?? "",
  };
}

/** Shrinks a pod's JSON to what is looked at. Never throws: what is absent reads as empty, null or false. */
export function observePod(pod: RawObject): PodObservation {
  const { metadata } = pod;
  const status = (pod.status ?? {}) as RawPodStatus;
  const spec = (pod.spec ?? {}) as { readonly nodeName?: string };
  const condition = (type: string) => status.conditions?.find((one) => one.type === type);
  const scheduled = condition("PodScheduled");
  const disruption = condition("DisruptionTarget");
  return {
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    phase: status.phase ?? "Unknown",
    reason: textOf(status.reason),
    message: textOf(status.message),
    nodeName: spec.nodeName ?? null,
    deletionTimestamp: timeOf(metadata.deletionTimestamp),
    graceSeconds: metadata.deletionGracePeriodSeconds ?? null,
    disruption:
      disruption?.status === "True" ? { reason: textOf(disruption.reason), message: textOf(disruption.message) } : null,
    ready: condition("Ready")?.status === "True",
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
    scheduledAt: scheduled?.status === "True" ? timeOf(scheduled.lastTransitionTime) : null,
    unschedulable: scheduled?.status === "False" ? textOf(scheduled.message ?? scheduled.reason) : null,
    containers: [
      ...(status.initContainerStatuses ?? []).map((raw) => containerOf(raw, true)),
      ...(status.containerStatuses ?? []).map((raw) => containerOf(raw, false)),
    ],
    labels: metadata.labels ?? {},
    annotations: Object.fromEntries(
      Object.entries(metadata.annotations ?? {}).filter(([name]) => name.startsWith(ownPrefix)),
    ),
  };
}
