import type { RawObject } from "./list-objects.ts";
import { type ObjectSource, type WatchObjectsOptions, watchObjects } from "./watch-objects.ts";

/** A ConfigMap's texts. Of one that is longer than allowed none is held. */
export interface ConfigMapObservation {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** Whether it is longer than allowed. */
  readonly isTooLong: boolean;
}

/** So many characters of a ConfigMap are held at most. */
export const longestConfigMap = 512 * 1024;

export interface WatchConfigMapsOptions
  extends Omit<WatchObjectsOptions<ConfigMapObservation>, "path" | "project" | "labelSelector" | "fieldSelector"> {
  readonly namespace: string;
  /** Those that are of interest. */
  readonly selector: string;
}

/** One watch for all ConfigMaps of a namespace that a selector names. */
export function watchConfigMaps(options: WatchConfigMapsOptions): ObjectSource<ConfigMapObservation> {
  const { namespace, selector, ...rest } = options;
  return watchObjects({
    ...rest,
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`,
    labelSelector: selector,
    project: observeConfigMap,
  });
}

/** Keeps the texts; what is binary is nobody's to read here. */
export function observeConfigMap({ metadata: { name }, data }: RawObject): ConfigMapObservation {
  const texts = Object.entries(typeof data === "object" && data !== null ? data : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const length = texts.reduce((sum, [, text]) => sum + text.length, 0);
  const isTooLong = length > longestConfigMap;
  return { name, data: isTooLong ? {} : Object.fromEntries(texts), isTooLong };
}
