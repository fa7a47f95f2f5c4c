import { faultsOf, isList, isMap, type Json, type JsonMap, ownedFieldFaults } from "@kubestack/templates";
import { said } from "../reading/fields.ts";
import { mapAt } from "../reading/symbols.ts";
import type { Path } from "../report/report.ts";
import { nameOf, pruned } from "./pruned.ts";
import type { Tell } from "./telling.ts";

/** Of a pod's metadata a template says these. */
const ofMetadata = ["labels", "annotations"];
/** What every pod is. */
const ofEvery: Readonly<Record<string, string>> = { apiVersion: "v1", kind: "Pod" };

/** A pod with only what a template may say and what can be merged; all else is told. */
export function cleanPod(pod: JsonMap, tell: Tell): JsonMap {
  return sound(withoutOwned(pruned(pod, tell), tell), tell);
}

function withoutOwned(pod: JsonMap, tell: Tell): JsonMap {
  const metadata = mapAt(pod, "metadata");
  for (const [key, value] of Object.entries(pod)) {
    if (key === "metadata" || key === "spec") continue;
    const isUsual = ofEvery[key] === value;
    tell({
      path: [key],
      verdict: isUsual ? "exact" : "lost",
      says: isUsual ? "every slave is one" : "no part of a template's pod",
    });
  }
  const owned = ownedFieldFaults(said({ metadata: pod.metadata, spec: pod.spec }));
  const ownedPaths = owned.map(({ path }) => path.join("."));
  for (const { path, message } of owned) tell({ path, verdict: "lost", says: message.replace(/; remove it$/, "") });
  for (const key of Object.keys(metadata))
    if (!ofMetadata.includes(key) && !ownedPaths.includes(`metadata.${key}`))
      tell({ path: ["metadata", key], verdict: "lost", says: "of metadata a template says labels and annotations" });
  const { restartPolicy, ...others } = mapAt(pod, "spec");
  if (restartPolicy === "Never") tell({ path: ["spec", "restartPolicy"], verdict: "exact", says: "Never, as always" });
  const spec = Object.fromEntries(Object.entries(others).filter(([key]) => !ownedPaths.includes(`spec.${key}`)));
  const ofTemplate = Object.entries(metadata).filter(([key]) => ofMetadata.includes(key));
  return said({
    metadata: ofTemplate.length === 0 ? undefined : Object.fromEntries(ofTemplate),
    spec: Object.keys(spec).length === 0 ? undefined : spec,
  });
}

/** How often what can't be merged is looked for; each time some twenty are found. What has more of it is no pod. */
const mostRounds = 10;

/** A template's pod without what can't be merged: two containers of a name, say. The later one of two goes. */
export function sound(pod: JsonMap, tell: Tell): JsonMap {
  let current = pod;
  for (let round = 0; round < mostRounds; round += 1) {
    // One thing may be wrong in two ways, and goes once.
    const faults = [...new Map(faultsOf(current).map((fault) => [fault.path.join("."), fault])).values()];
    if (faults.length === 0) return current;
    for (const { path, message } of faults)
      tell({ path: named(current, path), verdict: "lost", says: `${message.replace(/;[^;]*$/, "")}; it was left out` });
    // From behind, so that the places of the others stay.
    for (const { path } of faults.toReversed())
      current = path.length === 0 ? {} : (withoutAt(current, path) as JsonMap);
  }
  if (faultsOf(current).length === 0) return current;
  tell({ path: [], verdict: "lost", says: "too much in it can't be merged; it was left out" });
  return {};
}

/** A path with the names of list items in place of their numbers. */
export function named(root: Json, path: Path): Path {
  let at: Json | undefined = root;
  return path.map((key) => {
    const inner: Json | undefined = isList(at) ? at[Number(key)] : isMap(at) ? at[String(key)] : undefined;
    const name = isList(at) && inner !== undefined ? nameOf(inner) : key;
    at = inner;
    return name === "…" ? key : name;
  });
}

function withoutAt(root: Json, [key, ...rest]: Path): Json {
  if (key === undefined) return root;
  if (isList(root))
    return rest.length === 0
      ? root.filter((_, at) => at !== Number(key))
      : root.map((one, at) => (at === Number(key) ? withoutAt(one, rest) : one));
  if (!isMap(root)) return root;
  const { [String(key)]: inner, ...others } = root;
  return rest.length === 0 || inner === undefined ? others : { ...root, [key]: withoutAt(inner, rest) };
}
