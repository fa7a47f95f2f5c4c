import { hasCode, podNameOf, type SlaveRecord } from "@kubestack/contracts";
import type { PodRetention, SlaveEvent } from "@kubestack/slave";
import type { EffectTools } from "../effects.ts";
import { retentionMarks } from "./marks.ts";

/** What a master calls a build that failed by itself. */
const failure = "FAILURE";

/**
 * Stops the pod and marks it as kept. Where that hangs on its build's result and the master does not tell it now, or where the
 * cluster refuses, the pod is deleted like any other: nothing waits for it.
 */
export async function retainPod(
  slave: SlaveRecord,
  { because, ifFailed }: PodRetention,
  tools: Pick<EffectTools, "bus" | "cluster" | "target">,
): Promise<SlaveEvent> {
  const { bus, cluster, target } = tools;
  const { pod, limits } = slave.life;
  const declined = (): SlaveEvent => ({ type: "retention.declined", at: bus.clock.now() });
  if (limits.retain === undefined || pod.uid === null) return declined();
  if (ifFailed !== undefined) {
    const result = await target.master?.readBuild(ifFailed).then(
      (build) => build.result,
      () => null,
    );
    if (result !== failure) return declined();
  }
  const until = bus.clock.now() + limits.retain.forMs;
  const annotations = retentionMarks(until, because);
  try {
    const outcome = await cluster.stopPod(slave.namespace, podNameOf(slave), { uid: pod.uid, annotations });
    const at = bus.clock.now();
    if (outcome === "accepted") return { type: "pod.retained", until, because, at };
    return { type: "pod.gone", reason: "the pod is gone", at };
  } catch (error) {
    if (hasCode(error, "cluster-refused")) return declined();
    throw error;
  }
}
