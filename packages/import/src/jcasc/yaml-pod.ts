import { readForeignYaml } from "@kubestack/runtime";
import { isMap, type Json, type JsonMap } from "@kubestack/templates";
import { cleanPod } from "../entry/clean-pod.ts";
import type { Place } from "../report/report.ts";

/** Reads a `yaml` of a template: a pod, or a part of one. What is in it is told where it is known what counts of it. */
export function readYamlPod(yaml: string, place: Place): JsonMap | undefined {
  const read = readForeignYaml(yaml.replaceAll("^${", "${"));
  if ("fault" in read) {
    place.lost(`${read.fault}; it was left out`);
    return undefined;
  }
  const value = read.value as Json;
  if (value === null) {
    place.exact("says nothing");
    return undefined;
  }
  if (isMap(value)) return cleanPod(value, ({ path, verdict, says }) => place.inner(...path).say(verdict, says));
  place.lost("must be a pod; it was left out");
  return undefined;
}
