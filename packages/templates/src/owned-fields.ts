import type { Fault } from "./merge/faults.ts";
import { isMap, type Json, type JsonMap } from "./merge/json.ts";

const elsewhere = "is KubeStack's to say";

/** Fields that a template can't say, and why not. */
const owned: readonly (readonly [path: readonly string[], why: string])[] = [
  [["metadata", "name"], `${elsewhere}: each slave's pod has a name of its own`],
  [["metadata", "generateName"], `${elsewhere}: each slave's pod has a name of its own`],
  [["metadata", "namespace"], `${elsewhere}: pods go where kubernetes.namespace says`],
  [["metadata", "ownerReferences"], `${elsewhere}: a pod that something else owns may go at any time`],
  [["metadata", "finalizers"], `${elsewhere}: a pod with a finalizer outlives its slave`],
  [["spec", "restartPolicy"], `${elsewhere}: a build is never started again behind its master's back`],
  [["spec", "nodeName"], `${elsewhere}: the scheduler finds the node; use nodeSelector or affinity`],
  [["spec", "ephemeralContainers"], `${elsewhere}: the API server takes none in a new pod`],
];

/** The parts of a pod that a template may have. */
const parts = ["metadata", "spec"];

/** What a template's pod says that is not for it to say. */
export function ownedFieldFaults(pod: JsonMap): readonly Fault[] {
  const strangers = Object.keys(pod).filter((name) => !parts.includes(name));
  const forms = parts.filter((name) => pod[name] !== undefined && pod[name] !== null && !isMap(pod[name]));
  return [
    ...strangers.map((name) => ({
      path: [name],
      message: "is no part of a template's pod, which are metadata and spec; remove it",
    })),
    ...forms.map((name) => ({ path: [name], message: "must be a map; correct it" })),
    ...owned.flatMap(([path, why]) => (isSaid(pod, path) ? [{ path, message: `${why}; remove it` }] : [])),
  ];
}

function isSaid(pod: JsonMap, [part = "", field = ""]: readonly string[]): boolean {
  const within: Json | undefined = pod[part];
  if (!isMap(within) || within[field] === undefined || within[field] === null) return false;
  return !(field === "restartPolicy" && within[field] === "Never");
}
