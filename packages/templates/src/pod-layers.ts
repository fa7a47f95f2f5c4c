import { agentContainerOf, containerNames } from "./agent-container.ts";
import { type Heir, lineIn, namesOf } from "./inheritance.ts";
import { foundation, restricted, restriction, type ShortForm, said, shortForm, workDirLayer } from "./layers.ts";
import { LineFolds } from "./line-folds.ts";
import { directive } from "./merge/directive.ts";
import { finished } from "./merge/finish.ts";
import { isList, isMap, type Json, type JsonMap } from "./merge/json.ts";
import { merged } from "./merge/merge.ts";
import { namesContainers } from "./volumes/entry.ts";
import { type Known, type Places, type SaidVolumes, volumeLayers, volumesOver } from "./volumes/layer.ts";

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
  /** From the lowest to the highest: each value of the pod is the word of the highest that says it. Made when they are asked for. */
  readonly layers: readonly Layer[];
}

/** The folder of an agent that chooses one itself, and of a template that says none. */
export const usualWorkDir = "/home/jenkins/agent";
const usual: ShortForm = { cpu: "500m", memory: "1Gi", disk: "2Gi" };

/** What a part of a line comes to. */
interface Under {
  readonly pod: JsonMap;
  readonly volumes: Known;
}

/** The pods of one list of templates: what several of them stand on in common is merged once. */
export class PodFamily<T extends PodEntry> {
  readonly #byName: ReadonlyMap<string, T>;
  readonly #containers = new LineFolds<T, JsonMap>({}, (under, { pod = {} }) => merged(under, containersOf(pod)));
  /** By all that their layers depend on beside the line. */
  readonly #folds = new Map<string, LineFolds<T, Under>>();

  constructor(all: readonly T[]) {
    this.#byName = namesOf(all);
  }

  /** A template with all that it stands on, the weakest first. */
  lineOf(entry: T): readonly T[] {
    return lineIn(entry, this.#byName);
  }

  /**
   * Merges what a template stands on: KubeStack's own restricted pod and its usual sizes; then of each template in its line the
   * short form, and its `pod` over that.
   */
  podOf(entry: T): TemplatePod {
    const line = this.lineOf(entry);
    const saidWorkDir = last(line, (one) => one.workDir) ?? usualWorkDir;
    const workDir = saidWorkDir === "." ? usualWorkDir : saidWorkDir;
    const workDirBy = saidWorkDir === workDir ? ownerOfWorkDir(line) : undefined;
    const places = placesIn(line, finished(this.#containers.of(line)));
    const { agent } = places;
    const pod = finished(this.#foldsOver(workDir, places, line).of(line).pod);
    return {
      pod: restricted(pod),
      agentContainer: agent,
      places,
      get layers(): readonly Layer[] {
        const volumes = volumeLayers(line, places);
        return [
          { of: { by: "restricted" }, layer: restriction(pod) },
          { of: { by: "kubestack" }, layer: foundation(agent, workDir) },
          ...(workDirBy === undefined ? [] : [{ of: workDirBy, layer: workDirLayer(agent, workDir) }]),
          { of: { by: "usual" }, layer: shortForm(usual, agent) },
          ...line.flatMap((one, at) => layersOf(one, volumes[at], agent)),
        ];
      },
    };
  }

  #foldsOver(workDir: string, places: Places, line: readonly T[]): LineFolds<T, Under> {
    const { agent } = places;
    const isMountedElsewhere = line.some(({ volumes }) => volumes?.some(namesContainers));
    const key = JSON.stringify([workDir, agent, isMountedElsewhere ? places : null]);
    const known = this.#folds.get(key);
    if (known !== undefined) return known;
    const first = { pod: merged(foundation(agent, workDir), shortForm(usual, agent)), volumes: new Map() };
    const folds = new LineFolds<T, Under>(first, ({ pod, volumes }, one) => {
      const { all, layer } = volumesOver(volumes, one.volumes, places);
      return { pod: layersOf(one, layer, agent).reduce((under, over) => merged(under, over.layer), pod), volumes: all };
    });
    this.#folds.set(key, folds);
    return folds;
  }
}

/** The pod of one template, as `PodFamily` makes it. */
export function podOfEntry(entry: PodEntry, all: readonly PodEntry[]): TemplatePod {
  return new PodFamily(all).podOf(entry);
}

function last<T>(line: readonly PodEntry[], of: (one: PodEntry) => T | undefined): T | undefined {
  return line.map(of).findLast((one) => one !== undefined);
}

/** The containers of a line of templates; `said` is what its pods say of them. */
function placesIn(line: readonly PodEntry[], said: JsonMap): Places {
  const agent = agentContainerOf({
    said: last(line, (one) => one.agentContainer),
    pod: said,
    hasImage: line.some(({ image }) => image !== undefined),
  });
  return { agent, containers: containerNames(said), initContainers: containerNames(said, "initContainers") };
}

/** What of a layer decides which containers there are: the rest is merged when the agent's is known. */
function containersOf({ spec }: JsonMap): JsonMap {
  if (!isMap(spec)) return spec === undefined ? {} : { spec };
  const { containers, initContainers } = spec;
  const lists = { containers: namesIn(containers), initContainers: namesIn(initContainers) };
  return { spec: said({ [directive]: spec[directive], ...lists }) };
}

function namesIn(list: Json | undefined): Json | undefined {
  if (!isList(list)) return list;
  return list.map((one) => (isMap(one) ? said({ name: one.name, [directive]: one[directive] }) : one));
}

function ownerOfWorkDir(line: readonly PodEntry[]): Owner | undefined {
  const by = line.findLast((one) => one.workDir !== undefined);
  if (by === undefined) return undefined;
  return by.own === undefined || by.own.workDir !== undefined ? { by: "template", name: by.name } : { by: "defaults" };
}

/** The short form with the volumes, and the `pod` over it. What the defaults say of either stands directly below what the entry itself says. */
function layersOf(entry: PodEntry, volumes: JsonMap | undefined, agentContainer: string): Layer[] {
  const { own, pod } = entry;
  const of: Owner = { by: "template", name: entry.name };
  const below: Owner = own === undefined ? of : { by: "defaults" };
  const short = (one: PodEntry): JsonMap => {
    const form = shortForm(one, agentContainer);
    return volumes === undefined || one.volumes === undefined ? form : merged(form, volumes);
  };
  return [
    { of: below, layer: short(entry) },
    ...(own === undefined ? [] : [{ of, layer: short(own) }]),
    ...(pod === undefined ? [] : [{ of: below, layer: pod }]),
    ...(own?.pod === undefined ? [] : [{ of, layer: own.pod }]),
  ];
}
