import type { Json, JsonMap, TemplateConfig } from "@kubestack/templates";

/** What the agent's container of a template is made of; null for what is not said. */
export interface AgentContainer {
  readonly image: string | null;
  /** Requests. */
  readonly cpu: string | null;
  readonly memory: string | null;
  readonly disk: string | null;
}

/** Reads it out of a template's whole pod. */
export function agentContainerOf({
  pod,
  agentContainer,
}: Pick<TemplateConfig, "pod" | "agentContainer">): AgentContainer {
  const container = containersOf(pod).find(({ name }) => name === agentContainer) ?? {};
  const requests = mapOf(mapOf(container.resources).requests);
  return {
    image: textOf(container.image),
    cpu: textOf(requests.cpu),
    memory: textOf(requests.memory),
    disk: textOf(requests["ephemeral-storage"]),
  };
}

/** Every container of a pod, those that run first included. */
export function containersOf(pod: JsonMap): readonly JsonMap[] {
  const spec = mapOf(pod.spec);
  return [spec.initContainers, spec.containers].flatMap((list) => (Array.isArray(list) ? list.map(mapOf) : []));
}

/** The value where it is a map, else an empty one. */
export function mapOf(value: Json | undefined): JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
