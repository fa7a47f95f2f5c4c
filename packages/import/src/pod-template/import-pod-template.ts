import { isList, isMap, type JsonMap } from "@kubestack/templates";
import { cleanPod } from "../entry/clean-pod.ts";
import { everywhere } from "../entry/everywhere.ts";
import { podEntry } from "../entry/pod-entry.ts";
import { fieldOf, fieldsOfPod } from "../entry/pod-lines.ts";
import { nameOf } from "../entry/pruned.ts";
import type { Told } from "../entry/telling.ts";
import type { Imported } from "../imported.ts";
import { pluginAgentContainer, pluginImage } from "../plugin/plugin-template.ts";
import { said } from "../reading/fields.ts";
import { labelsOf } from "../reading/lists-in-texts.ts";
import { Names } from "../reading/names.ts";
import { mapAt } from "../reading/symbols.ts";
import { Reporter } from "../report/report.ts";
import { readDocument, refused } from "../sources/read-document.ts";

/** What a pod's manifest does not say. */
export interface PodTemplateOptions {
  readonly name?: string | undefined;
  /** Words, separated by blanks or commas. */
  readonly labels?: string | undefined;
  /** The container that the agent is to run in; default `jnlp`, which the plugin adds where the pod has none. */
  readonly agentContainer?: string | undefined;
}

/** The pod of a pipeline's `agent { kubernetes { yaml … } }` as one template. Pure; raises `invalid-config` where it is no pod. */
export function importPodTemplate(text: string, file: string, options: PodTemplateOptions): Imported {
  const value = podIn(text, file);
  const reporter = new Reporter();
  const wanted = options.name ?? nameIn(value);
  const place = reporter.group("template", []);
  const name = new Names().unlike(wanted, place);
  place.rename(`template ${name}`);
  const { sound: labels, unsound } = labelsOf((options.labels ?? name).replaceAll(",", " "));
  if (unsound.length > 0) throw refused(`--labels has ${unsound[0]}, which no label can be.`);
  const agentContainer = options.agentContainer ?? pluginAgentContainer;
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(agentContainer))
    throw refused(`--agent-container has ${agentContainer}, which no container can be called.`);
  const clean = cleanPod(value, ({ path, verdict, says }) => place.inner(...path).say(verdict, says));
  const told: Told[] = [];
  const { entry, comments } = podEntry(
    { pod: clean, agentContainer, usualImage: pluginImage },
    (one) => void told.push(one),
  );
  const fields = fieldsOfPod(clean);
  for (const field of fields) {
    const news = told.filter((one) => fieldOf(one, fields) === field);
    if (news.length === 0) place.inner(...field.path).exact(`pod.${field.path.join(".")}`);
    for (const { path, verdict, says } of news) place.inner(...path).say(verdict, says);
  }
  for (const one of told) if (fieldOf(one, fields) === undefined) place.inner(...one.path).say(one.verdict, one.says);
  if (options.labels === undefined)
    reporter.toDo(["templates", 0, "labels"], `the pipeline asks for it: agent { label '${labels.join(" && ")}' }`);
  tellOfAgent(clean, agentContainer, reporter);
  for (const says of everywhere) reporter.note(says);
  return {
    form: { templates: [{ ...said({ name, labels: labels.length === 0 ? undefined : labels }), ...entry }] },
    comments: comments.map((one) => ({ ...one, path: ["templates", 0, ...one.path] })),
    report: reporter.report(),
  };
}

function nameIn(pod: JsonMap): string {
  const { name, generateName } = mapAt(pod, "metadata");
  const found =
    typeof name === "string" ? name : typeof generateName === "string" ? generateName.replace(/-+$/, "") : "";
  return found === "" ? "pod" : found;
}

/** A pod whose builds ran in containers of its own gets one more for the agent; mostly one of them should be it. */
function tellOfAgent(pod: JsonMap, agentContainer: string, reporter: Reporter): void {
  const { containers } = mapAt(pod, "spec");
  const names = isList(containers) ? containers.map(nameOf) : [];
  const [first] = names;
  if (first === undefined || names.includes(agentContainer)) return;
  reporter.toDo(
    ["templates", 0, "agentContainer"],
    `builds run in container ${agentContainer}, which was added: if they are to run in ${names.join(" or ")}, import with --agent-container ${first}`,
  );
}

/** The pod that a text is; raises where it is something else, with what is wanted. */
function podIn(text: string, file: string): JsonMap {
  const value = readDocument(text, file);
  if (!isMap(value))
    throw refused(`${file} holds no keys and values, so it is no pod: give the text of yaml from the Jenkinsfile.`);
  if (isMap(value.jenkins)) throw refused(`${file} is a configuration-as-code, no pod: see kubestackcmd import jcasc.`);
  if (!isMap(value.spec) && !isMap(value.metadata))
    throw refused(
      `${file} has neither spec nor metadata, so it is no pod: give the text of yaml from the Jenkinsfile.`,
    );
  if (value.kind !== undefined && value.kind !== "Pod")
    throw refused(`${file} is of kind ${String(value.kind).slice(0, 40)}, and must be a Pod.`);
  return value;
}
