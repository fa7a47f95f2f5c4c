import { instantMs, resourcesOf } from "@kubestack/contracts";
import type { NodeState } from "../node.ts";
import type { Pool, Taint } from "../pool.ts";
import { map, maps, text, texts } from "./json.ts";

/** What a pool's nodes are known by. */
type Known = Pick<Pool, "name" | "nodeLabels">;

/** A node as Kubernetes writes it. `pools`: in the order of the configuration. */
export function nodeStateOf(node: unknown, pools: readonly Known[]): NodeState {
  const { metadata, spec, status } = map(node);
  const { name, labels: told, creationTimestamp } = map(metadata);
  const { allocatable, capacity, conditions } = map(status);
  const labels = texts(told);
  const isTrue = maps(conditions).filter((one) => one.status === "True");
  return {
    name: text(name) ?? "",
    pool: poolOf(labels, pools),
    labels,
    taints: maps(map(spec).taints).map(taintOf),
    allocatable: resourcesOf(allocatable ?? capacity),
    isReady: isTrue.some(({ type }) => type === "Ready"),
    isCordoned: map(spec).unschedulable === true,
    createdAt: instantMs(text(creationTimestamp) ?? "") ?? 0,
    conditions: isTrue.flatMap(({ type }) => text(type) ?? []),
  };
}

/** The pool that a node with such labels belongs to: of several, the one that is known by the most of them. Null where it is no pool's. */
export function poolOf(labels: Readonly<Record<string, string>>, pools: readonly Known[]): string | null {
  const able = pools.filter(({ nodeLabels }) => {
    const entries = Object.entries(nodeLabels);
    return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
  });
  const most = Math.max(...able.map(({ nodeLabels }) => Object.keys(nodeLabels).length));
  return able.find(({ nodeLabels }) => Object.keys(nodeLabels).length === most)?.name ?? null;
}

function taintOf({ key, value, effect }: Readonly<Record<string, unknown>>): Taint {
  const named = text(value);
  return {
    key: text(key) ?? "",
    ...(named === undefined ? {} : { value: named }),
    effect: effect === "NoExecute" || effect === "PreferNoSchedule" ? effect : "NoSchedule",
  };
}
