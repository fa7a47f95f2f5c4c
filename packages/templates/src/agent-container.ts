import { isList, isMap, type Json, type JsonMap, mapOf, mapsIn } from "./merge/json.ts";

/** The agent's container has this name where neither the template nor its pod says otherwise. */
export const usualAgentContainer = "jnlp";
const otherName = "agent";

/** What is known of a template's containers. */
export interface Containers {
  /** `agentContainer` of the template. */
  readonly said: string | undefined;
  /** The template's whole pod, without what its short form says. */
  readonly pod: JsonMap;
  /** Whether the short form gives an image: that is the agent's. */
  readonly hasImage: boolean;
}

/**
 * Which of a pod's containers the agent runs in: the one that is named; else `jnlp`, else `agent`, else the first where no
 * image is given for another.
 */
export function agentContainerOf({ said, pod, hasImage }: Containers): string {
  if (said !== undefined) return said;
  const names = containerNames(pod);
  if (names.includes(usualAgentContainer)) return usualAgentContainer;
  if (names.includes(otherName)) return otherName;
  return (hasImage ? undefined : names[0]) ?? usualAgentContainer;
}

/** A pod, and which of its containers the agent runs in. */
interface Holder {
  readonly pod: JsonMap;
  readonly agentContainer: string;
}

/** What the agent's container of a pod asks the cluster for; `0` where it asks for nothing. */
export function requestsOf(holder: Holder): { readonly cpu: string; readonly memory: string } {
  const { requests } = resourcesOf(holder);
  const { cpu = 0, memory = 0 } = mapOf(requests);
  return { cpu: String(cpu), memory: String(memory) };
}

/** How much cpu the agent's container may use; undefined: as much as there is. */
export function cpuLimitOf(holder: Holder): Json | undefined {
  const { limits } = resourcesOf(holder);
  return isMap(limits) ? limits.cpu : undefined;
}

/** The image of the agent's container; undefined where none is said. */
export function imageOf(holder: Holder): string | undefined {
  const { image } = agentContainerMap(holder);
  return typeof image === "string" ? image : undefined;
}

function resourcesOf(holder: Holder): JsonMap {
  return mapOf(agentContainerMap(holder).resources);
}

function agentContainerMap({ pod: { spec }, agentContainer }: Holder): JsonMap {
  return mapsIn(mapOf(spec).containers).find(({ name }) => name === agentContainer) ?? {};
}

/** By which a pod tells in which of its containers the agent runs: to us, and to kubectl. */
const ownAnnotation = "kubestack.io/agent-container";
const kubectlAnnotation = "kubectl.kubernetes.io/default-container";

/** What a pod bears, so that its agent's container is known whatever becomes of its template. */
export function agentContainerAnnotations(name: string): Readonly<Record<string, string>> {
  return { [ownAnnotation]: name, [kubectlAnnotation]: name };
}

/** In which container a pod's agent runs, by the pod's annotations. */
export function agentContainerIn(annotations: Readonly<Record<string, string>>): string {
  return annotations[ownAnnotation] ?? usualAgentContainer;
}

/** The names of a pod's containers, in their order. */
export function containerNames(
  { spec }: JsonMap,
  list: "containers" | "initContainers" = "containers",
): readonly string[] {
  const containers = isMap(spec) ? spec[list] : undefined;
  if (!isList(containers)) return [];
  return containers.flatMap((one) => (isMap(one) && typeof one.name === "string" ? [one.name] : []));
}
