import { type BesidesPod, needsOfPod } from "@kubestack/contracts";
import type { PodKind, PodState } from "../node.ts";
import { map, maps, text, texts } from "./json.ts";

/** By which pods are told apart. */
export interface PodMarks {
  /** Our installation, as the label says it. */
  readonly install: string;
  /** The label that placeholder pods carry. */
  readonly headroomLabel: string;
}

/** A pod as Kubernetes writes it; undefined where it is over, and takes no room any more. */
export function podStateOf(pod: unknown, marks: PodMarks, besides: BesidesPod = {}): PodState | undefined {
  const { metadata, spec, status } = map(pod);
  const { phase, conditions } = map(status);
  if (phase === "Succeeded" || phase === "Failed") return undefined;
  const { name, namespace, deletionTimestamp } = map(metadata);
  const disrupted = maps(conditions).find(({ type, status: is }) => type === "DisruptionTarget" && is === "True");
  return {
    name: text(name) ?? "",
    namespace: text(namespace) ?? "",
    kind: kindOf(map(metadata), marks),
    node: text(map(spec).nodeName) ?? null,
    ...slaveIn(map(metadata)),
    needs: needsOfPod(pod, { pools: poolsIn(map(metadata).annotations), ...besides }),
    ...(text(deletionTimestamp) === undefined ? {} : { isEnding: true }),
    ...(disrupted === undefined ? {} : { disruption: text(disrupted.reason) ?? "it is disrupted" }),
  };
}

/** Told where it is not the pod's own name. */
function slaveIn({ name, labels }: Readonly<Record<string, unknown>>): Pick<PodState, "slave"> {
  const slave = texts(labels)["kubestack.io/slave"];
  return slave === undefined || slave === name ? {} : { slave };
}

/** The node pools of its template in their order, as the pod itself tells them; undefined where it tells none. */
function poolsIn(annotations: unknown): readonly string[] | undefined {
  const told = text(map(annotations)["kubestack.io/pools"]);
  try {
    const pools: unknown = JSON.parse(told ?? "null");
    return Array.isArray(pools) && pools.every((one) => typeof one === "string") ? pools : undefined;
  } catch {
    return undefined;
  }
}

function kindOf({ labels: told, ownerReferences }: Readonly<Record<string, unknown>>, marks: PodMarks): PodKind {
  const labels = texts(told);
  if (labels[marks.headroomLabel] !== undefined) return "headroom";
  if (labels["kubestack.io/slave"] !== undefined && labels["kubestack.io/install"] === marks.install) return "slave";
  // A pod that its node has of itself is owned by the node.
  return maps(ownerReferences).some(({ kind }) => kind === "DaemonSet" || kind === "Node") ? "daemon" : "other";
}
