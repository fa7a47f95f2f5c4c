import { type PlacedPod, placedPods } from "./placed-pod.ts";
import { type ObjectSource, type WatchObjectsOptions, watchObjects } from "./watch-objects.ts";

export type WatchPlacedPodsOptions = Omit<WatchObjectsOptions<PlacedPod>, "path" | "project" | "fieldSelector">;

/** One watch for the pods of all namespaces that are not over: what they take, and where. */
export function watchPlacedPods(options: WatchPlacedPodsOptions): ObjectSource<PlacedPod> {
  return watchObjects({
    ...options,
    path: "/api/v1/pods",
    fieldSelector: "status.phase!=Succeeded,status.phase!=Failed",
    project: placedPods(),
  });
}
