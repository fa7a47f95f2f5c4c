import { isList, isMap, type Json, type JsonMap } from "@kubestack/templates";
import { everywhere } from "../entry/everywhere.ts";
import { type EntryComment, fillIn } from "../entry/pod-entry.ts";
import type { Imported } from "../imported.ts";
import { textOf } from "../reading/fields.ts";
import { Names } from "../reading/names.ts";
import { kindOf, mapAt, symbolOf } from "../reading/symbols.ts";
import { type Path, Reporter } from "../report/report.ts";
import { type JcascDocument, jcascDocuments } from "../sources/jcasc-documents.ts";
import { readDocument, refused } from "../sources/read-document.ts";
import { isOwnCluster, type PluginCloud, readCloud } from "./cloud-fields.ts";
import { kubernetesPart, masterEntry } from "./master-entry.ts";
import { tellOneMaster } from "./one-master.ts";
import { type PlacedTemplate, templateEntry } from "./template-entry.ts";
import { readTemplate } from "./template-fields.ts";

/** What is asked for beside the file. */
export interface JcascOptions {
  /** The name that the master gets. */
  readonly master: string;
  /** The cloud to be imported, by its name; default: all that are of the first one's cluster. */
  readonly cloud?: string | undefined;
}

/**
 * A Jenkins' configuration-as-code in our form: its clouds of the Kubernetes plugin as one master, and their templates. Pure.
 * Raises `invalid-config` where there is nothing to be imported.
 */
export function importJcasc(text: string, file: string, options: JcascOptions): Imported {
  const reporter = new Reporter();
  const { documents, notes } = jcascDocuments(readDocument(text, file), file);
  for (const note of notes) reporter.note(note);
  const found = documents.flatMap((document) => cloudsIn(document, reporter));
  if (found.length === 0)
    throw refused(
      `${file} has no cloud of the Kubernetes plugin (jenkins.clouds[].kubernetes): there is nothing to import.`,
    );
  const clouds = found.map(({ value, path }) => {
    const place = reporter.group("cloud", path);
    const cloud = readCloud(value, place);
    place.rename(`cloud ${cloud.name ?? "without a name"}`);
    return cloud;
  });
  const chosen = choose(clouds, options.cloud, file);
  const [first] = chosen;
  if (first === undefined) throw refused(`${file} has no cloud to import.`);
  const namespace = namespaceOf(first);
  const publicUrl = documents.map(locationIn).find((url) => url !== undefined);
  const comments: EntryComment[] = [];
  const templates = entries(chosen, namespace, { reporter, comments });
  const kubernetes = kubernetesPart(first, namespace, reporter);
  tellOneMaster(chosen);
  const master = masterEntry(chosen, { name: options.master, publicUrl }, reporter);
  comments.push(...under(["kubernetes"], kubernetes.comments), ...under(["masters", 0], master.comments));
  for (const says of everywhere) reporter.note(says);
  return {
    form: { kubernetes: kubernetes.form, masters: [master.form], templates },
    comments,
    report: reporter.report(),
  };
}

function under(path: Path, comments: readonly EntryComment[]): EntryComment[] {
  return comments.map((comment) => ({ ...comment, path: [...path, ...comment.path] }));
}

/** Clouds of the plugin in a document. What else stands in it is told in a word. */
function cloudsIn({ value, path }: JcascDocument, reporter: Reporter): { value: Json; path: Path }[] {
  const jenkins = mapAt(value, "jenkins");
  const others = [
    ...Object.keys(jenkins).flatMap((key) => (key === "clouds" ? [] : [`jenkins.${key}`])),
    ...Object.keys(value).filter((key) => key !== "jenkins"),
  ];
  if (others.length > 0) reporter.note(`not read, as it tells of no cloud: ${others.map(unlike).join(", ")}`);
  const clouds = jenkins.clouds ?? [];
  if (!isList(clouds)) {
    reporter.group("clouds", [...path, "jenkins", "clouds"]).lost("must be a list; it was not read");
    return [];
  }
  return clouds.flatMap((cloud, at) => {
    const here: Path = [...path, "jenkins", "clouds", at];
    const names = isMap(cloud) ? Object.keys(cloud) : [];
    const [name = ""] = names;
    if (isMap(cloud) && names.length === 1 && kindOf(name, { kubernetes: true, kubernetesCloud: true }, "") === true)
      return [{ value: cloud[name] ?? {}, path: [...here, name] }];
    const place = reporter.group("a cloud of another kind", here);
    place.lost(`${symbolOf(cloud, place)?.symbol ?? "what stands here"} is no cloud of the Kubernetes plugin`);
    return [];
  });
}

/** `unclassified` holds an address that is read. */
function unlike(key: string): string {
  return key === "unclassified" ? "unclassified (but for location.url)" : key;
}

function locationIn({ value }: JcascDocument): string | undefined {
  return textOf(mapAt(mapAt(value, "unclassified"), "location").url ?? null);
}

/** One installation has one cluster: clouds of another one are for a configuration of their own. */
function choose(clouds: readonly PluginCloud[], name: string | undefined, file: string): readonly PluginCloud[] {
  if (name !== undefined) {
    const named = clouds.filter((cloud) => cloud.name === name);
    if (named.length === 0) {
      const known = clouds.map((cloud) => cloud.name ?? "(without a name)").join(", ");
      throw refused(`${file} has no cloud ${name}: it has ${known}.`);
    }
    for (const cloud of clouds) if (!named.includes(cloud)) cloud.place.lost(`left out: --cloud ${name} was asked for`);
    return named;
  }
  const [first, ...others] = clouds;
  if (first === undefined) return [];
  const same = others.filter((cloud) => clusterOf(cloud) === clusterOf(first));
  for (const cloud of others) {
    if (!same.includes(cloud))
      cloud.place.lost(
        `another cluster: an installation has one, so import it for another one with --cloud ${cloud.name ?? "NAME"}`,
      );
    else if (namespaceOf(cloud) !== namespaceOf(first))
      cloud.place
        .inner("namespace")
        .changed(`its pods run in ${namespaceOf(first)}, too, with the Secrets and accounts of that namespace`);
  }
  return [first, ...same];
}

function clusterOf({ serverUrl }: PluginCloud): string {
  return serverUrl === undefined || isOwnCluster(serverUrl) ? "" : serverUrl.replace(/\/+$/, "");
}

const usualNamespace = "default";

function namespaceOf({ namespace = usualNamespace }: PluginCloud): string {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace) ? namespace : usualNamespace;
}

/** The templates of all clouds, in their order; a parent is one of the same cloud. */
function entries(
  clouds: readonly PluginCloud[],
  namespace: string,
  { reporter, comments }: { reporter: Reporter; comments: EntryComment[] },
): readonly JsonMap[] {
  const names = new Names();
  const result: JsonMap[] = [];
  for (const cloud of clouds) {
    const placed = cloud.templates.map(({ value, place }): PlacedTemplate => {
      const group = reporter.group("template", place.path);
      const template = readTemplate(value, group, { namespace });
      const name = names.unlike(template.name ?? template.labels[0] ?? "template", group);
      group.rename(`template ${name}`);
      return { template, place: group, name };
    });
    for (const one of placed) {
      const { entry, comments: remarks } = templateEntry(one, placed, cloud);
      const here = under(["templates", result.length], remarks);
      comments.push(...here);
      for (const { path, says } of here) if (says.startsWith(fillIn)) reporter.toDo(path, says.slice(fillIn.length));
      result.push(entry);
    }
  }
  if (result.length > 0) return result;
  reporter.note("no cloud has a template: one that launches nothing stands for them, as a configuration needs one");
  reporter.toDo(
    ["templates"],
    "write your templates, or import them where the pipelines have them: import pod-template",
  );
  return [{ name: "base" }];
}
