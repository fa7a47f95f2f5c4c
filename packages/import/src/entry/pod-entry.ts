import { isList, isMap, type Json, type JsonMap, looseningOf, mapOf, mapsIn, podOfEntry } from "@kubestack/templates";
import { pluginWorkDir } from "../plugin/plugin-template.ts";
import { said } from "../reading/fields.ts";
import { mapAt } from "../reading/symbols.ts";
import type { Path } from "../report/report.ts";
import { cleanPod, named, sound } from "./clean-pod.ts";
import { valueAt } from "./pod-lines.ts";
import { nameOf } from "./pruned.ts";
import { agentResources, pluginRequests } from "./resources.ts";
import { withRights } from "./security.ts";
import type { Tell } from "./telling.ts";
import { withWorkspace } from "./volumes.ts";

/** A pod as it is to run, and what is known of its agent. */
export interface PodSource {
  readonly pod: JsonMap;
  readonly agentContainer: string;
  /** What its agent runs in where the pod names no image. */
  readonly usualImage: string;
}

/** What a template says of its pods, and what should be said to whoever reads it. */
export interface PodPart {
  /** Keys of a template: `image` to `disk`, `workDir`, `agentContainer`, `pod`, `allow`. */
  readonly entry: JsonMap;
  readonly comments: readonly EntryComment[];
}

/** A remark before a key of the result. */
export interface EntryComment {
  readonly path: Path;
  readonly says: string;
}

/** A remark that begins so is of something that the file could not say. */
export const fillIn = "FILL IN: ";

/** What people let a container run that is there for `container()` only. */
const keepsAlive =
  /^(?:(?:\S*\/)?(?:ba|a)?sh -\w*c )?(?:(?:\S*\/)?cat|(?:\S*\/)?sleep \S+|(?:\S*\/)?tail -f \/dev\/null)$/;

/** What our configuration takes for an image. */
const imageForm = /^\S+$/;

/**
 * A template whose pods are this one: the agent's container in the short form as far as that goes, the rest in `pod`, without
 * what KubeStack gives every pod; and in `allow` what it needs. Pure; all that is not the same is told.
 */
export function podEntry({ pod, agentContainer, usualImage }: PodSource, tell: Tell): PodPart {
  const { metadata = {}, spec: whole = {} } = cleanPod(pod, tell);
  const spec = withOwnNames(withImages(mapOf(whole), agentContainer, tell), agentContainer, tell);
  const containers = mapsIn(spec.containers);
  const isThere = containers.some(({ name }) => name === agentContainer);
  const complete = isThere ? spec : { ...spec, containers: [...containers, { name: agentContainer }] };
  const {
    containers: named,
    initContainers,
    volumes,
    ...restOfSpec
  } = withRights(withWorkspace(complete, agentContainer, tell), tell);
  const usual = { ...restOfSpec, containers: mapsIn(named).map(usually) };
  tellSideContainers(usual, agentContainer, tell);
  const agent = usual.containers.find(({ name }) => name === agentContainer) ?? {};
  const { short, rest, comments } = agentForm(agent, usualImage, tell);
  const others = usual.containers.filter(({ name }) => name !== agentContainer).map(withoutBareResources);
  const lists = said({
    containers: unlessNone([...(Object.keys(rest).length === 0 ? [] : [{ name: agentContainer, ...rest }]), ...others]),
    initContainers: unlessNone(mapsIn(initContainers).map(usually)),
    volumes: unlessNone(mapsIn(volumes)),
  });
  const podLayer = sound(
    said({ metadata: unlessEmpty(metadata), spec: unlessEmpty({ ...restOfSpec, ...lists }) }),
    tell,
  );
  const entry = {
    ...short,
    ...(agentContainer === "jnlp" ? {} : { agentContainer }),
    ...said({ pod: unlessEmpty(podLayer) }),
  };
  const allow = allowances(entry, complete, tell);
  return { entry: { ...entry, ...said({ allow: allow.length === 0 ? undefined : allow }) }, comments };
}

/** Without containers of no image, which no cluster takes; the agent's gets one. */
function withImages(spec: JsonMap, agentContainer: string, tell: Tell): JsonMap {
  const lists = ["containers", "initContainers"].filter((list) => spec[list] !== undefined);
  const isSound = ({ name, image }: JsonMap, list: string): boolean =>
    (typeof image === "string" && image !== "") || (list === "containers" && name === agentContainer);
  return {
    ...spec,
    ...Object.fromEntries(
      lists.map((list) => {
        const all = mapsIn(spec[list]);
        for (const one of all.filter((container) => !isSound(container, list)))
          tell({ path: ["spec", list, nameOf(one)], verdict: "lost", says: "names no image; it was left out" });
        return [list, all.filter((container) => isSound(container, list))];
      }),
    ),
  };
}

/** Without init containers that are called as a container is, which no cluster takes. */
function withOwnNames(spec: JsonMap, agentContainer: string, tell: Tell): JsonMap {
  if (spec.initContainers === undefined) return spec;
  const taken = new Set([agentContainer, ...mapsIn(spec.containers).map(({ name }) => name)]);
  const all = mapsIn(spec.initContainers);
  for (const one of all.filter(({ name }) => taken.has(name ?? "")))
    tell({
      path: ["spec", "initContainers", nameOf(one)],
      verdict: "lost",
      says: "has the name of another container; it was left out",
    });
  return { ...spec, initContainers: all.filter(({ name }) => !taken.has(name ?? "")) };
}

/** The agent's container: what the short form says, and what is left for `pod`. */
function agentForm(
  { name, image, command, args, env, resources, workingDir, ...others }: JsonMap,
  usualImage: string,
  tell: Tell,
): { short: JsonMap; rest: JsonMap; comments: EntryComment[] } {
  const at = (field: string): Path => ["spec", "containers", String(name), field];
  const variables = mapsIn(env).filter(isNamed);
  const plain = variables.filter((one) => Object.keys(one).every((key) => key === "name" || key === "value"));
  const { short, rest, unlimited } = agentResources(isMap(resources) ? resources : pluginRequests);
  const comments: EntryComment[] = [];
  const isIdle = keepsAlive.test([...(words(command) ?? []), ...(words(args) ?? [])].join(" "));
  if (isIdle)
    tell({
      path: at(command === undefined ? "args" : "command"),
      verdict: "changed",
      says: "left out: it only kept the container alive, and the agent runs in its place",
    });
  const named = typeof image === "string" && imageForm.test(image) ? image : usualImage;
  if (named !== image) {
    tell({
      path: at("image"),
      verdict: "changed",
      says: `none is named: ${usualImage}, the plugin's own, is written down`,
    });
    comments.push({ path: ["image"], says: "The plugin's own image, which its version decides." });
  }
  if (unlimited.length > 0) {
    const what = unlimited.map((one) => (one === "memory" ? "memory" : "disk")).join(" and ");
    tell({
      path: at("resources"),
      verdict: "exact",
      says: `no limit of ${what}, as before: null takes the usual one away`,
    });
  }
  const folder = typeof workingDir === "string" && /^\/.*$/.test(workingDir) ? workingDir : undefined;
  if (workingDir !== undefined && folder === undefined)
    tell({ path: at("workingDir"), verdict: "lost", says: "no absolute path; the agent's folder is the usual one" });
  return {
    short: {
      image: named,
      ...said({
        command: isIdle ? undefined : words(command),
        args: isIdle ? undefined : words(args),
        env: unlessEmpty(Object.fromEntries(plain.map((one) => [String(one.name), String(one.value ?? "")]))),
      }),
      ...short,
      ...said({ workDir: folder === pluginWorkDir ? undefined : folder }),
    },
    rest: withoutEmpty({ ...others, env: variables.filter((one) => !plain.includes(one)), resources: rest }),
    comments,
  };
}

function isNamed({ name }: JsonMap): boolean {
  return typeof name === "string" && /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name);
}

function words(list: Json | undefined): readonly string[] | undefined {
  return isList(list) && list.length > 0 ? list.map(String) : undefined;
}

/** A container without what Kubernetes does anyway. */
function usually(container: JsonMap): JsonMap {
  const { name, imagePullPolicy, image, ...others } = container;
  const isMoving = !/@|:(?!latest$)[^/]+$/.test(String(image ?? ""));
  const isUsual = imagePullPolicy === (isMoving ? "Always" : "IfNotPresent");
  return withoutEmpty({
    ...said({ name, image, imagePullPolicy: isUsual || image === undefined ? undefined : imagePullPolicy }),
    ...others,
  });
}

/** The others in the pod: they run, and no step of a pipeline reaches them. */
function tellSideContainers(spec: JsonMap, agentContainer: string, tell: Tell): void {
  for (const { name, securityContext } of mapsIn(spec.containers)) {
    if (name === agentContainer) continue;
    const user = mapAt({ securityContext: securityContext ?? {} }, "securityContext").runAsUser;
    const isOpen = user === undefined && mapAt(spec, "securityContext").runAsUser === undefined;
    tell({
      path: ["spec", "containers", String(name)],
      verdict: "changed",
      says: `it runs beside the agent${isOpen ? ", as user 1000 unless runAsUser says another" : ""}; container('${String(name)}') will not work: a build runs in the agent's container`,
    });
  }
}

/** What of a pod is less than restricted, as its template would have it. */
function allowances(entry: JsonMap, source: JsonMap, tell: Tell): readonly string[] {
  const { pod } = podOfEntry({ name: "", ...entry }, []);
  const found = looseningOf(pod);
  for (const [needs, path] of found) {
    const at = named(pod, path);
    // What only follows from something else is told there.
    if (valueAt({ spec: source }, at) !== undefined)
      tell({ path: at, verdict: "changed", says: `written down in allow as ${needs}`, isKnownOfFields: true });
  }
  return [...new Set(found.map(([needs]) => needs))].toSorted();
}

function withoutBareResources(container: JsonMap): JsonMap {
  return withoutEmpty({ ...container, resources: withoutEmpty(mapAt(container, "resources")) });
}

function withoutEmpty(map: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(map).filter(([, value]) => {
      if (isList(value)) return value.length > 0;
      return isMap(value) ? Object.keys(value).length > 0 : value !== "";
    }),
  );
}

function unlessNone(list: readonly JsonMap[]): readonly JsonMap[] | undefined {
  return list.length === 0 ? undefined : list;
}

function unlessEmpty(map: Json): JsonMap | undefined {
  return !isMap(map) || Object.keys(map).length === 0 ? undefined : map;
}
