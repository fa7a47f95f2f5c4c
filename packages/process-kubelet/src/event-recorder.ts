import type { Cluster } from "@kubestack/kubernetes";
import { wholeSeconds } from "./kubelet-services.ts";
import type { ObjectMeta } from "./pod.ts";

/** Something that people should be able to read about a pod. */
export interface PodEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Such as `spec.containers{main}`. */
  readonly fieldPath?: string;
}

/** Writes Events, as well as it can: what cannot be written is lost, and nothing waits for it. */
export interface EventRecorder {
  record(pod: ObjectMeta, event: PodEvent): void;
  /** Waits for no more than what is being written. */
  stop(): Promise<void>;
}

/** More than this many unwritten events are not kept. */
const MOST_WAITING = 200;
/** An event that is repeated sooner than this is only counted. */
const REPEAT_MS = 10_000;
/** Events remembered, to count their repetition. */
const MOST_REMEMBERED = 2_000;
const TIMEOUT_MS = 5_000;

interface Remembered {
  readonly name: string;
  readonly firstIso: string;
  count: number;
  writtenMs: number;
}

/** An event recorder for the node `nodeName`; one request at a time. */
export function eventRecorder(options: { cluster: Cluster; nodeName: string; nowMs: () => number }): EventRecorder {
  const { cluster, nodeName, nowMs } = options;
  const known = new Map<string, Remembered>();
  const queue: (() => Promise<unknown>)[] = [];
  let working: Promise<void> | undefined;
  let isStopped = false;
  let number = 0;
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && !isStopped; next = queue.shift()) {
      await next().catch(() => undefined); // best effort: an event is for people, and nothing depends on it
    }
    working = undefined;
  };
  const record: EventRecorder["record"] = (pod, event) => {
    if (isStopped || queue.length >= MOST_WAITING) return;
    const path = `/api/v1/namespaces/${pod.namespace}/events`;
    const key = [pod.uid, event.reason, event.fieldPath, event.message].join("\n");
    const now = wholeSeconds(nowMs());
    const before = known.get(key);
    if (before !== undefined) {
      before.count += 1;
      if (nowMs() - before.writtenMs < REPEAT_MS) return;
      before.writtenMs = nowMs();
      const body = { count: before.count, lastTimestamp: now };
      const contentType = "application/merge-patch+json";
      queue.push(() =>
        cluster.request({ method: "PATCH", path: `${path}/${before.name}`, body, contentType, timeoutMs: TIMEOUT_MS }),
      );
    } else {
      number += 1;
      const name = `${pod.name}.${nowMs().toString(16)}${number.toString(16).padStart(4, "0")}`;
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(key, { name, firstIso: now, count: 1, writtenMs: nowMs() });
      const body = eventObject(pod, event, { name, nodeName, now });
      queue.push(() => cluster.request({ method: "POST", path, body, timeoutMs: TIMEOUT_MS }));
    }
    working ??= work();
  };
  return {
    record,
    stop: async () => {
      isStopped = true;
      await working;
    },
  };
}

function eventObject(pod: ObjectMeta, event: PodEvent, given: { name: string; nodeName: string; now: string }): object {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: given.name, namespace: pod.namespace },
    involvedObject: {
      apiVersion: "v1",
      kind: "Pod",
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      ...(event.fieldPath === undefined ? {} : { fieldPath: event.fieldPath }),
    },
    type: event.type,
    reason: event.reason,
    message: event.message.slice(0, 1_000),
    count: 1,
    firstTimestamp: given.now,
    lastTimestamp: given.now,
    source: { component: "kubelet", host: given.nodeName },
    reportingComponent: "kubelet",
    reportingInstance: given.nodeName,
  };
}
