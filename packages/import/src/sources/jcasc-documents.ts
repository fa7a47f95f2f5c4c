import { readForeignYaml } from "@kubestack/runtime";
import { isList, isMap, type Json, type JsonMap } from "@kubestack/templates";
import { mapAt } from "../reading/symbols.ts";
import type { Path } from "../report/report.ts";
import { refused } from "./read-document.ts";

/** A configuration-as-code document, and where in the file it stands. */
export interface JcascDocument {
  readonly value: JsonMap;
  readonly path: Path;
}

/** The documents of a file, and what in it is none. */
export interface JcascFile {
  readonly documents: readonly JcascDocument[];
  /** Remarks on what was not read. */
  readonly notes: readonly string[];
}

const howTo =
  "Jenkins exports its own under Manage Jenkins, Configuration as Code, Download; the Helm chart's is in the ConfigMaps that `kubectl get configmap -l jenkins-jenkins-config=true -o yaml` shows";

/**
 * Finds configuration-as-code in a file: the file itself, ConfigMaps with it as the Jenkins chart writes them, or that chart's
 * values with `controller.JCasC.configScripts`. Raises `invalid-config` where there is none, and says where to get it.
 */
export function jcascDocuments(value: Json, file: string): JcascFile {
  if (!isMap(value)) throw refused(`${file} holds no keys and values, so it is no configuration-as-code: ${howTo}.`);
  if (isMap(value.jenkins) || isMap(value.unclassified)) return { documents: [{ value, path: [] }], notes: [] };
  const found = textsIn(value);
  const read = found.texts.map(({ text, path }) => ({ path, ...readOne(text) }));
  const documents = read.flatMap(({ path, document }) => (document === undefined ? [] : [{ value: document, path }]));
  const notes = read.flatMap(({ path, fault }) =>
    fault === undefined ? [] : [`${path.join(".")} ${fault}; it was not read`],
  );
  if (documents.length > 0) return { documents, notes: [...notes, ...found.notes] };
  if (found.isChart)
    throw refused(
      `${file} are values of the Jenkins chart without a cloud in controller.JCasC.configScripts: the chart itself makes the cloud of agent: and additionalAgents:, so import what it made: ${howTo}.`,
    );
  throw refused(`${file} is no configuration-as-code (it has no key jenkins): ${howTo}.`);
}

interface Texts {
  readonly texts: readonly { readonly text: string; readonly path: Path }[];
  readonly notes: readonly string[];
  readonly isChart?: boolean;
}

function textsIn(value: JsonMap): Texts {
  if (value.kind === "ConfigMap") return { texts: textsAt(mapAt(value, "data"), ["data"]), notes: [] };
  if (isList(value.items)) {
    const all = value.items.flatMap((item, at) =>
      isMap(item) ? textsAt(mapAt(item, "data"), ["items", at, "data"]) : [],
    );
    return { texts: all, notes: [] };
  }
  const controller = isMap(value.controller) ? value.controller : value.master;
  if (!isMap(controller)) return { texts: [], notes: [] };
  const top = value.controller === controller ? "controller" : "master";
  const path = [top, "JCasC", "configScripts"];
  const scripts = mapAt(mapAt(controller, "JCasC"), "configScripts");
  const others = ["agent", "additionalAgents", "additionalClouds"].filter((key) => value[key] !== undefined);
  return {
    texts: textsAt(scripts, path),
    notes: others.map(
      (key) =>
        `${key} of the chart's values was not read: the chart makes a cloud of it, which is in what Jenkins exports`,
    ),
    isChart: true,
  };
}

function textsAt(map: JsonMap, path: Path): Texts["texts"] {
  return Object.entries(map).flatMap(([key, text]) =>
    typeof text === "string" ? [{ text, path: [...path, key] }] : [],
  );
}

function readOne(text: string): { document?: JsonMap; fault?: string } {
  const read = readForeignYaml(text);
  if ("fault" in read) return { fault: read.fault };
  const value = read.value as Json;
  return isMap(value) && (isMap(value.jenkins) || isMap(value.unclassified))
    ? { document: value }
    : { fault: "is no configuration-as-code" };
}
