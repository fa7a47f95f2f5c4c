import { type NodeObservation, observeNode } from "./node-observation.ts";
import { type ObjectSource, type WatchObjectsOptions, watchObjects } from "./watch-objects.ts";

export type WatchNodesOptions = Omit<WatchObjectsOptions<NodeObservation>, "path" | "project">;

/** One watch for all nodes of the cluster. */
export function watchNodes(options: WatchNodesOptions): ObjectSource<NodeObservation> {
  return watchObjects({ ...options, path: "/api/v1/nodes", project: observeNode });
}
