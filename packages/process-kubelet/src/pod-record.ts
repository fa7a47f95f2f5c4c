import type { Container, ContainerStatus, Pod } from "./pod.ts";
import { podStatus, untouchedContainer, type WrittenStatus } from "./pod-status.ts";

/** What a kubelet knows of one pod, and what of it changes while it runs. */
export interface PodRecord {
  /** The pod as it was last read. */
  readonly pod: () => Pod;
  readonly replacePod: (pod: Pod) => void;
  readonly container: (name: string) => ContainerStatus;
  /** Changes a container's status; the change is told at once. */
  readonly change: (name: string, change: Partial<ContainerStatus>) => void;
  /** Changes all of them together. */
  readonly changeAll: (change: (status: ContainerStatus) => ContainerStatus) => void;
  readonly markSandboxReady: () => void;
  /** Why the pod failed as a whole. */
  readonly decide: (reason: string, message: string) => void;
  /** The status to write now. */
  readonly written: () => WrittenStatus;
}

/** The record of a pod that was never touched (`before` absent) or was left by an earlier life of this node. */
export function podRecord(
  first: Pod,
  given: { hostIp: string; nowIso: () => string; onChange: () => void },
): PodRecord {
  let pod = first;
  const hasInit = (pod.spec.initContainers ?? []).length > 0;
  const before = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const initial = (container: Container): [string, ContainerStatus] => [
    container.name,
    before.find((status) => status.name === container.name) ??
      untouchedContainer(container.name, container.image ?? "", hasInit),
  ];
  const statuses = new Map([...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(initial));
  const startTime = pod.status?.startTime ?? given.nowIso();
  let isSandboxReady = false;
  let verdict: { reason: string; message: string } | undefined;
  let conditions = pod.status?.conditions;
  const container = (name: string) => statuses.get(name) ?? untouchedContainer(name, "", hasInit);
  return {
    pod: () => pod,
    replacePod: (next) => {
      pod = next;
    },
    container,
    change: (name, change) => {
      statuses.set(name, { ...container(name), ...change });
      given.onChange();
    },
    changeAll: (change) => {
      for (const [name, status] of statuses) statuses.set(name, change(status));
      given.onChange();
    },
    markSandboxReady: () => {
      isSandboxReady = true;
      given.onChange();
    },
    decide: (reason, message) => {
      verdict = { reason, message };
      given.onChange();
    },
    written: () => {
      const known: Pod = conditions === undefined ? pod : { ...pod, status: { ...pod.status, conditions } };
      const written = podStatus(
        {
          pod: known,
          init: (pod.spec.initContainers ?? []).map((one) => container(one.name)),
          containers: pod.spec.containers.map((one) => container(one.name)),
          startTime,
          hostIp: given.hostIp,
          isSandboxReady,
          ...(verdict === undefined ? {} : { verdict }),
        },
        given.nowIso(),
      );
      // Own conditions are compared with what was last written, not with what was last read, which may be older.
      conditions = written.conditions;
      return written;
    },
  };
}
