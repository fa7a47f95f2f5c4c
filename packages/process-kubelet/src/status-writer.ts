import { hasCode, KubestackError, sentenceOf } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import { pause } from "./pause.ts";
import type { ObjectMeta } from "./pod.ts";
import type { WrittenStatus } from "./pod-status.ts";

/** Writes one pod's status: always the newest, one write at a time, so that an older one never comes after it. */
export interface StatusWriter {
  /** The status has changed: it is written soon. */
  poke(): void;
  /** Resolves when what was last poked is written, or can no longer be. */
  settled(): Promise<void>;
  /** Gives up what is not written. */
  stop(): void;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
const TIMEOUT_MS = 10_000;

/**
 * A writer of the status of the pod `meta`. It patches, naming the uid, so that another pod of the same name is never
 * written to and conditions of other writers stay. `onGone` is called when the pod turns out not to be there any more.
 */
export function statusWriter(options: {
  cluster: Cluster;
  meta: ObjectMeta;
  status: () => WrittenStatus;
  onGone: () => void;
  log: (line: string) => void;
}): StatusWriter {
  const { cluster, meta } = options;
  const stopping = new AbortController();
  let isDirty = false;
  let writing: Promise<void> | undefined;
  const write = async () => {
    let retryMs = FIRST_RETRY_MS;
    while (isDirty && !stopping.signal.aborted) {
      isDirty = false;
      try {
        await cluster.request({
          method: "PATCH",
          path: `/api/v1/namespaces/${meta.namespace}/pods/${meta.name}/status`,
          contentType: "application/strategic-merge-patch+json",
          body: { metadata: { uid: meta.uid }, status: options.status() },
          timeoutMs: TIMEOUT_MS,
          signal: stopping.signal,
        });
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (stopping.signal.aborted) break;
        // A conflict means that the name belongs to another pod by now: the uid is the only thing asked for.
        if (hasCode(error, "not-found", "stale-revision")) {
          options.onGone();
          break;
        }
        options.log(`status of pod ${meta.namespace}/${meta.name} not written: ${sentenceOf(error)}`);
        if (error instanceof KubestackError && error.retry === "never") break;
        isDirty = true;
        await pause(retryMs, stopping.signal);
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      }
    }
    writing = undefined;
  };
  return {
    poke: () => {
      isDirty = true;
      // Begun a moment later, so that changes of the same moment are one write.
      writing ??= Promise.resolve().then(write);
    },
    settled: async () => {
      while (writing !== undefined) await writing;
    },
    stop: () => stopping.abort(),
  };
}
