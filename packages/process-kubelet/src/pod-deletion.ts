import { hasCode, sentenceOf } from "@kubestack/contracts";
import type { KubeletServices } from "./kubelet-services.ts";
import { pause } from "./pause.ts";
import type { ObjectMeta } from "./pod.ts";

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

/**
 * Tells the API server that nothing of a pod is left, so that it may be removed: the last word of a kubelet. Repeated
 * until it is heard, the pod is found gone, or the signal fires. Never touches another pod of that name.
 */
export async function deletePod(services: KubeletServices, meta: ObjectMeta, signal: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(LONGEST_RETRY_MS, waitMs * 2)) {
    try {
      await services.cluster.request({
        method: "DELETE",
        path: `/api/v1/namespaces/${meta.namespace}/pods/${meta.name}`,
        body: { gracePeriodSeconds: 0, preconditions: { uid: meta.uid } },
        signal,
      });
      return;
    } catch (error) {
      if (signal.aborted || hasCode(error, "not-found", "stale-revision")) return;
      services.log(`pod ${meta.namespace}/${meta.name} not removed: ${sentenceOf(error)}`);
    }
    await pause(waitMs, signal);
  }
}
