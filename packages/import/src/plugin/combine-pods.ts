import { isList, type JsonMap, mapsIn } from "@kubestack/templates";
import { mapAt } from "../reading/symbols.ts";
import { by, mergedBy } from "./keyed.ts";

/** Of a pod's spec the plugin takes these from the upper pod where it says them. */
const takenOver = [
  "serviceAccount",
  "serviceAccountName",
  "schedulerName",
  "activeDeadlineSeconds",
  "hostNetwork",
  "shareProcessNamespace",
];
/** Of a container likewise. */
const takenOverInContainer = ["image", "imagePullPolicy", "command", "workingDir", "args", "tty"];

/**
 * One pod over another as the plugin does it. What neither it nor Kubernetes' merging knows stays the lower pod's; of a list
 * that is empty, and a text that is, the lower pod's counts.
 */
export function combinedPods(lower: JsonMap, upper: JsonMap): JsonMap {
  const [below, above] = [mapAt(lower, "spec"), mapAt(upper, "spec")];
  const [metaBelow, metaAbove] = [mapAt(lower, "metadata"), mapAt(upper, "metadata")];
  const metadata = {
    ...metaBelow,
    ...joined(metaBelow, metaAbove, "labels"),
    ...joined(metaBelow, metaAbove, "annotations"),
  };
  const spec: JsonMap = {
    ...below,
    ...joined(below, above, "nodeSelector"),
    ...chosen(above, takenOver),
    ...users(below, above),
    ...lists(below, above),
    ...unlessEmpty(
      "volumes",
      mergedBy(
        mapsIn(below.volumes),
        mapsIn(above.volumes),
        byName((_, one) => one),
      ),
    ),
    ...unlessEmpty("tolerations", unlike([...mapsIn(below.tolerations), ...mapsIn(above.tolerations)])),
    ...unlessEmpty(
      "imagePullSecrets",
      mergedBy(
        mapsIn(below.imagePullSecrets),
        mapsIn(above.imagePullSecrets),
        byName((one) => one),
      ),
    ),
  };
  return { ...unlessEmptyMap("metadata", metadata), spec };
}

function lists(below: JsonMap, above: JsonMap): JsonMap {
  return Object.fromEntries(
    ["containers", "initContainers"].flatMap((list) => {
      const all = mergedBy(mapsIn(below[list]), mapsIn(above[list]), byName(combinedContainers));
      return all.length === 0 ? [] : [[list, all]];
    }),
  );
}

function combinedContainers(lower: JsonMap, upper: JsonMap): JsonMap {
  const inside = (name: string, key: string, merge: (a: JsonMap, b: JsonMap) => JsonMap) =>
    unlessEmpty(name, mergedBy(mapsIn(lower[name]), mapsIn(upper[name]), { key: by(key), merge }));
  const of = (kind: string): JsonMap => ({
    ...mapAt(mapAt(lower, "resources"), kind),
    ...mapAt(mapAt(upper, "resources"), kind),
  });
  return {
    ...lower,
    ...chosen(upper, takenOverInContainer),
    resources: { requests: of("requests"), limits: of("limits") },
    ...inside("env", "name", (_, one) => one),
    ...unlessEmpty("envFrom", [...mapsIn(lower.envFrom), ...mapsIn(upper.envFrom)]),
    ...inside("volumeMounts", "mountPath", (_, one) => one),
    ...securityContext(mapAt(lower, "securityContext"), mapAt(upper, "securityContext")),
  };
}

function securityContext(lower: JsonMap, upper: JsonMap): JsonMap {
  const [below, above] = [mapAt(lower, "capabilities"), mapAt(upper, "capabilities")];
  const capabilities = unlessEmptyMap("capabilities", { ...below, ...chosen(above, ["add", "drop"]) });
  const numbers = chosen(upper, ["privileged", "runAsUser", "runAsGroup"]);
  return unlessEmptyMap("securityContext", { ...lower, ...numbers, ...capabilities });
}

/** Of a pod's own security context user and group alone are taken over. */
function users(below: JsonMap, above: JsonMap): JsonMap {
  const [lower, upper] = [mapAt(below, "securityContext"), mapAt(above, "securityContext")];
  return unlessEmptyMap("securityContext", { ...lower, ...chosen(upper, ["runAsUser", "runAsGroup"]) });
}

function joined(below: JsonMap, above: JsonMap, field: string): JsonMap {
  return unlessEmptyMap(field, { ...mapAt(below, field), ...mapAt(above, field) });
}

/** What is said of these fields. */
function chosen(of: JsonMap, fields: readonly string[]): JsonMap {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = of[field];
      const isEmpty = value === undefined || value === null || value === "" || (isList(value) && value.length === 0);
      return isEmpty ? [] : [[field, value]];
    }),
  );
}

/** A toleration that is there twice tolerates nothing more. */
function unlike(list: readonly JsonMap[]): readonly JsonMap[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}

function byName(merge: (lower: JsonMap, upper: JsonMap) => JsonMap) {
  return { key: by("name"), merge };
}

function unlessEmpty(field: string, list: readonly JsonMap[]): JsonMap {
  return list.length === 0 ? {} : { [field]: list };
}

function unlessEmptyMap(field: string, map: JsonMap): JsonMap {
  return Object.keys(map).length === 0 ? {} : { [field]: map };
}
