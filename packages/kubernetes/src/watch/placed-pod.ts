import { needsOfPod, type PodNeeds } from "@kubestack/contracts";
import type { RawObject } from "./list-objects.ts";

/** What is kept of any pod of the cluster: what it takes, and where. Equal needs are one object, however many pods have them. */
export interface PlacedPod {
  readonly name: string;
  readonly namespace: string;
  /** Null where no node has it yet. */
  readonly node: string | null;
  readonly needs: PodNeeds;
  /** Its labels of ours; empty of any other pod. */
  readonly marks: Readonly<Record<string, string>>;
  /** What made it, such as `DaemonSet` or `Node`; null where nothing did. */
  readonly madeBy: string | null;
  readonly isEnding: boolean;
  /** Why it is about to be preempted, evicted or given up with its node (condition DisruptionTarget); null: it is not. */
  readonly disruption: string | null;
}

const ownPrefix = "kubestack.io/";
const poolsAnnotation = "kubestack.io/pools";
/** Labels that tell pods of one sort apart, and by which nobody selects: with them no two slaves would be equal. */
const ofOneAlone = [
  "kubestack.io/slave",
  "batch.kubernetes.io/job-completion-index",
  "statefulset.kubernetes.io/pod-name",
];
/** Different needs that are kept as one object each; what comes beyond is an object of its own. */
const mostShapes = 20_000;

/** Shrinks pods as they come. */
export function placedPods(): (object: RawObject) => PlacedPod | null {
  let shapes = new Map<string, PodNeeds>();
  const oneOf = (needs: PodNeeds): PodNeeds => {
    const key = JSON.stringify(needs);
    const known = shapes.get(key);
    if (known !== undefined) return known;
    if (shapes.size >= mostShapes) shapes = new Map();
    shapes.set(key, needs);
    return needs;
  };
  return (object) => {
    const { metadata } = object;
    const spec = (object.spec ?? {}) as { readonly nodeName?: string };
    const { phase, conditions = [] } = (object.status ?? {}) as {
      readonly phase?: string;
      readonly conditions?: readonly { readonly type?: string; readonly status?: string; readonly reason?: string }[];
    };
    // They hold nothing of their node any more.
    if (phase === "Succeeded" || phase === "Failed") return null;
    const labels = Object.entries(metadata.labels ?? {});
    const disrupted = conditions.find(({ type, status }) => type === "DisruptionTarget" && status === "True");
    const owners = (metadata.ownerReferences ?? []) as readonly {
      readonly kind?: string;
      readonly controller?: boolean;
    }[];
    const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
    const own = labels.filter(([key]) => key.startsWith(ownPrefix));
    const besides = { pools: poolsIn(metadata.annotations?.[poolsAnnotation]) };
    const shared = Object.fromEntries(labels.filter(([key]) => !ofOneAlone.includes(key)));
    return {
      name: metadata.name,
      namespace: metadata.namespace ?? "",
      node: spec.nodeName ?? null,
      needs: oneOf(needsOfPod({ ...object, metadata: { namespace: metadata.namespace, labels: shared } }, besides)),
      marks: Object.fromEntries(own),
      madeBy: owner?.kind ?? null,
      isEnding: metadata.deletionTimestamp !== undefined,
      disruption: disrupted === undefined ? null : (disrupted.reason ?? ""),
    };
  };
}

/** The node pools of a slave, in the order in which its template wants them: whoever made its pod wrote them on it. */
function poolsIn(written: string | undefined): string[] | undefined {
  if (written === undefined) return undefined;
  try {
    const pools: unknown = JSON.parse(written);
    return Array.isArray(pools) ? pools.filter((pool) => typeof pool === "string") : undefined;
  } catch {
    // Somebody else wrote it.
    return undefined;
  }
}
