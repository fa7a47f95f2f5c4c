import { agentContainerOf, containerNames } from "./agent-container.ts";
import { type Heir, lineOf } from "./inheritance.ts";
import { foundation, restricted, type ShortForm, shortForm } from "./layers.ts";
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
}

/** One of the layers that a pod is merged from, and whose it is. */
export interface Layer {
  /** A template's name; null: KubeStack's own. */
  readonly of: string | null;
  readonly layer: JsonMap;
}

/** The pod that every slave of a template begins with; what is the slave's own comes over it. */
export interface TemplatePod {
  readonly pod: JsonMap;
  readonly agentContainer: string;
  /** Its containers, before any volume is mounted. */
  readonly places: Places;
  /** From the lowest to the highest. What they leave open is restricted. */
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
  const workDir = last((one) => one.workDir) ?? usualWorkDir;
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
    { of: null, layer: foundation(agentContainer, workDir === "." ? usualWorkDir : workDir) },
    { of: null, layer: shortForm(usual, agentContainer) },
    ...line.flatMap((one, at) => [
      {
        of: one.name,
        layer: merged(shortForm(one, agentContainer), volumes[at] ?? {}),
      },
      ...(one.pod === undefined ? [] : [{ of: one.name, layer: one.pod }]),
    ]),
  ];
  const pod = finished(layers.reduce<JsonMap>((under, { layer }) => merged(under, layer), {}));
  return { pod: finished(restricted(pod)), agentContainer, places, layers };
}
