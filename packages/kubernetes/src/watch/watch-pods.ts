import { observePod, type PodObservation } from "./pod-observation.ts";
import { type ObjectSource, type WatchObjectsOptions, watchObjects } from "./watch-objects.ts";

/** What every pod of ours carries, and no other: the shared watch sees these only. */
export const managedSelector = "app.kubernetes.io/managed-by=kubestack";

export interface WatchPodsOptions
  extends Omit<WatchObjectsOptions<PodObservation>, "path" | "project" | "labelSelector" | "fieldSelector"> {
  readonly namespace: string;
  /** Default `managedSelector`. */
  readonly selector?: string;
}

/** One watch for all slaves' pods of a namespace, however many there are. */
export function watchPods(options: WatchPodsOptions): ObjectSource<PodObservation> {
  const { namespace, selector = managedSelector, ...rest } = options;
  return watchObjects({
    ...rest,
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    labelSelector: selector,
    project: observePod,
  });
}
