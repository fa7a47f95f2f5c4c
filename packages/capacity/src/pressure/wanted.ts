import type { Plan } from "@kubestack/contracts";
import type { PodState, WantedPods } from "../node.ts";

/**
 * The slaves that the masters' supervisors have planned and of whose pods nothing is seen yet, each once by its name: what has a pod is counted
 * with the pods. What a supervisor tells without names or needs, as an older release does, is left to its pods.
 */
export function wantedOf(plans: readonly Plan[], pods: Iterable<Pick<PodState, "name" | "kind">>): WantedPods[] {
  const met = new Set<string>();
  for (const { name, kind } of pods) if (kind === "slave") met.add(name);
  return plans.flatMap(({ launches, coming = [] }) =>
    [...launches, ...coming].flatMap(({ needs, slaves = [] }) => {
      if (needs === undefined) return [];
      const names = slaves.filter((name) => !met.has(name));
      for (const name of names) met.add(name);
      return names.length === 0 ? [] : [{ needs, names }];
    }),
  );
}

/** Slaves' pods that no node has yet, and that are not on their way out. */
export function unscheduled(pods: Iterable<PodState>): WantedPods[] {
  return [...pods].flatMap(({ name, kind, node, isEnding, needs }) =>
    kind === "slave" && node === null && isEnding !== true ? [{ needs, names: [name] }] : [],
  );
}
