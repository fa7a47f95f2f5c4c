import { type Fault, printPath, showValue } from "@kubestack/runtime";
import { isValues, jenkinsKeys, kubernetesKeys, labelKeys, topKeys, type Values } from "./keys.ts";
import { type ListenerList, listenerTypes } from "./listeners.ts";

type Path = readonly PropertyKey[];

/** What is wrong in a file of the original's by that form's own rules; values are checked by ours. Pure. */
export function faultsOfOriginal(file: Values): Fault[] {
  return [
    ...unknownIn(file, [], topKeys),
    ...listenersFaults(file, "demand-listeners"),
    ...listenersFaults(file, "destroy-listeners"),
    ...sectionFaults(file, "jenkins", jenkinsKeys),
    ...jenkinsFaults(file),
    ...sectionFaults(file, "kubernetes", kubernetesKeys),
    ...needed(file, "kubernetes", ["url", "api_key"]),
    ...labelsFaults(file),
  ];
}

function listenersFaults(file: Values, list: ListenerList): Fault[] {
  const listeners = file[list];
  if (listeners === undefined || listeners === null) return [];
  const known = listenerTypes[list];
  const types = Object.keys(known).join(", ");
  if (!Array.isArray(listeners))
    return [fault(file, [list], `must be a list of listeners, each with its type (${types}); correct it`)];
  return listeners.flatMap((listener: unknown, at) => {
    const path = [list, at];
    if (!isValues(listener))
      return [fault(file, path, `must be keys and values, its type (${types}) first; correct it`)];
    const type = known[String(listener.type)];
    if (type === undefined)
      return [fault(file, [...path, "type"], `must be a type of ${list} (${types}); correct or remove this listener`)];
    return unknownIn(listener, path, type.keys);
  });
}

function jenkinsFaults(file: Values): Fault[] {
  const { jenkins } = file;
  if (!isValues(jenkins)) return needed(file, "jenkins", []);
  // The address of the first releases stands for both.
  const address = isNothing(jenkins.url) ? "external_url" : "url";
  return needed(file, "jenkins", [isNothing(jenkins.external_url) ? address : "external_url", "user", "pass"]);
}

function sectionFaults(file: Values, section: string, keys: readonly string[]): Fault[] {
  const values = file[section];
  if (values === undefined || values === null) return [];
  // Nothing of it is shown: it may be the secret.
  if (!isValues(values))
    return [{ path: section, message: `must be keys and values (${keys.join(", ")}); correct it` }];
  return [
    ...unknownIn(values, [section], keys),
    ...["pass", "api_key"].flatMap((key) =>
      typeof values[key] === "object" && values[key] !== null
        ? [{ path: `${section}.${key}`, message: "must be a text; put it into quotation marks" }]
        : [],
    ),
  ];
}

function needed(file: Values, section: string, keys: readonly string[]): Fault[] {
  const values = file[section];
  if (values === undefined || values === null) return [{ path: section, message: "is missing; give it" }];
  if (!isValues(values)) return [];
  return keys.flatMap((key) =>
    isNothing(values[key]) ? [{ path: `${section}.${key}`, message: "is missing; give it" }] : [],
  );
}

function labelsFaults(file: Values): Fault[] {
  const { labels } = file;
  if (labels === undefined || labels === null || (Array.isArray(labels) && labels.length === 0)) {
    const remedy = "list each label that builds ask for as {name: LABEL, image: IMAGE}";
    return [{ path: "labels", message: `is missing: slaves are launched for labels that are named here; ${remedy}` }];
  }
  if (!Array.isArray(labels))
    return [fault(file, ["labels"], "must be a list of labels, each with name and image; correct it")];
  return labels.flatMap((label: unknown, at) =>
    isValues(label)
      ? unknownIn(label, ["labels", at], labelKeys)
      : [fault(file, ["labels", at], `must be keys and values (${labelKeys.join(", ")}); correct it`)],
  );
}

/** Their values are not shown: one may be a secret whose key is misspelt. */
function unknownIn(values: Values, path: Path, known: readonly string[]): Fault[] {
  return Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: printPath([...path, key]),
      message: `is no key of the original's file (here: ${known.join(", ")}); correct its spelling or remove it`,
    }));
}

function fault(file: Values, path: Path, message: string): Fault {
  return { path: printPath(path), value: showValue(file, path), message };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
