import { isMap, type Json, type JsonMap } from "@kubestack/templates";
import type { Tell } from "./telling.ts";

/** Keys that mean something to KubeStack's merging, or to every object, and nothing to a pod. */
const foreign: readonly string[] = ["$patch", "__proto__"];

/** A pod without what is null, which says nothing there but deletes in a template, and without what no pod has. */
export function pruned(pod: JsonMap, tell: Tell): JsonMap {
  function value(of: Json, path: readonly (string | number)[]): Json {
    if (Array.isArray(of))
      return of.filter((one) => one !== null).map((one: Json) => value(one, [...path, nameOf(one)]));
    return isMap(of) ? map(of, path) : of;
  }
  function map(of: JsonMap, path: readonly (string | number)[]): JsonMap {
    return Object.fromEntries(
      Object.entries(of).flatMap(([key, inner]) => {
        if (foreign.includes(key)) {
          tell({ path: [...path, key], verdict: "lost", says: "no field of a pod; it was left out" });
          return [];
        }
        return inner === null ? [] : [[key, value(inner, [...path, key])]];
      }),
    );
  }
  return map(pod, []);
}

/** By which an item of a list is told: its name, where it has one. */
export function nameOf(item: Json): string {
  return isMap(item) && typeof item.name === "string" ? item.name : "…";
}
