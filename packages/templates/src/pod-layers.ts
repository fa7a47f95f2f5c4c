import { agentContainerOf, containerNames } from "./agent-container.ts";
import { type Heir, lineOf } from "./inheritance.ts";
import { foundation, restricted, restriction, type ShortForm, shortForm, workDirLayer } from "./layers.ts";
import type { JsonMap } from "./merge/json.ts";
import { finished, merged } from "./merge/merge.ts";
import { type Places, type SaidVolumes, volumeLayers } from "./volumes/layer.ts";

/** What a template says of its pods. */
export interface PodEntry extends Heir, ShortForm {
  readonly workDir?: string | undefined;
  /** Which container the agent runs in. */
  readonly agentContainer?: string | undefined;
  readonly volumes?: SaidVolumes;
  /** Merged over the short form. */
  readonly pod?: JsonMap | undefined;
  /** What it says itself, where the rest of it is the word of `defaults.template`. Default: all of it. */
  readonly own?: PodEntry | undefined;
}

/** Whose word a value of a pod is. */
export type Owner =
  | { readonly by: "template"; readonly name: string }
  | {
      /**
       * From the lowest: what every pod of KubeStack's has, its usual sizes, `defaults.template`; the size that a build asked
       * for, the master's `podLabels`, what is each slave's own, and what puts the agent into an image that has none.
       * `restricted` is what all of them leave open.
       */
      readonly by: "restricted" | "kubestack" | "usual" | "defaults" | "build" | "master" | "slave" | "inject";
    };

/** One of the layers that a pod is merged from, and whose it is. */
export interface Layer {
  readonly of: Owner;
  readonly layer: JsonMap;
}

/** The pod that every slave of a template begins with; what is the slave's own comes over it. */
export interface TemplatePod {
  readonly pod: JsonMap;
  readonly agentContainer: string;
  /** Its containers, before any volume is mounted. */
  readonly places: Places;
  /** From the lowest to the highest: each value of the pod is the word of the highest that says it. */
  readonly layers: readonly Layer[];
}

/** The folder of an agent that chooses one itself, and of a template that says none. */
export const usualWorkDir = "/home/jenkins/agent";
const usual: ShortForm = { cpu: "500m", memory: "1Gi", disk: "2Gi" };

/**
 * Merges what a template stands on: KubeStack's own restricted pod and its usual sizes; then of each template in its line the
 * short form, and its `pod` over that.
 */
export function podOfEntry(entry: PodEntry, all: readonly PodEntry[]): TemplatePod {
  const line = lineOf(entry, all);
  const last = <T>(of: (one: PodEntry) => T | undefined): T | undefined =>
    line.map(of).findLast((one) => one !== undefined);
  const saidWorkDir = last((one) => one.workDir) ?? usualWorkDir;
  const workDir = saidWorkDir === "." ? usualWorkDir : saidWorkDir;
  const workDirBy = saidWorkDir === workDir ? ownerOfWorkDir(line) : undefined;
  const pods = line.reduce<JsonMap>((under, { pod = {} }) => merged(under, pod), {});
  const said = finished(pods);
  const agentContainer = agentContainerOf({
    said: last((one) => one.agentContainer),
    pod: said,
    hasImage: line.some(({ image }) => image !== undefined),
  });
  const places: Places = {
    agent: agentContainer,
    containers: containerNames(said),
    initContainers: containerNames(said, "initContainers"),
  };
  const volumes = volumeLayers(line, places);
  const layers: Layer[] = [
    { of: { by: "kubestack" }, layer: foundation(agentContainer, workDir) },
    ...(workDirBy === undefined ? [] : [{ of: workDirBy, layer: workDirLayer(agentContainer, workDir) }]),
    { of: { by: "usual" }, layer: shortForm(usual, agentContainer) },
    ...line.flatMap((one, at) => layersOf(one, volumes[at] ?? {}, agentContainer)),
  ];
  const pod = finished(layers.reduce<JsonMap>((under, { layer }) => merged(under, layer), {}));
  return {
    pod: finished(restricted(pod)),
    agentContainer,
    places,
    layers: [{ of: { by: "restricted" }, layer: restriction(pod) }, ...layers],
  };
}

function ownerOfWorkDir(line: readonly PodEntry[]): Owner | undefined {
  const by = line.findLast((one) => one.workDir !== undefined);
  if (by === undefined) return undefined;
  return by.own === undefined || by.own.workDir !== undefined ? { by: "template", name: by.name } : { by: "defaults" };
}

/** The short form with the volumes, and the `pod` over it. What the defaults say of either stands directly below what the entry itself says. */
function layersOf({ own, ...entry }: PodEntry, volumes: JsonMap, agentContainer: string): Layer[] {
  const of: Owner = { by: "template", name: entry.name };
  const isMixed = own !== undefined;
  const below: Owner = isMixed ? { by: "defaults" } : of;
  return [
    { of: below, layer: merged(shortForm(entry, agentContainer), volumes) },
    ...(isMixed
      ? [{ of, layer: merged(shortForm(own, agentContainer), own.volumes === undefined ? {} : volumes) }]
      : []),
    ...(entry.pod === undefined ? [] : [{ of: below, layer: entry.pod }]),
    ...(own?.pod === undefined ? [] : [{ of, layer: own.pod }]),
  ];
}
