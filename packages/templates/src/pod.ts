import { type PodSize, podName } from "@kubestack/contracts";
import { agentContainerAnnotations, cpuLimitOf } from "./agent-container.ts";
import type { TemplateConfig } from "./config.ts";
import { injectionOf } from "./injection/injection.ts";
import type { AgentProgram } from "./injection/is-injected.ts";
import { shortForm } from "./layers.ts";
import { objectAnnotations, objectLabels, podAnnotations, type SlaveIdentity } from "./marks.ts";
import { type JsonMap, mapOf } from "./merge/json.ts";
import { laidOver } from "./merge/lay.ts";
import { merged } from "./merge/merge.ts";
import { secretVolume } from "./owned-fields.ts";
import { ownedBy } from "./owner.ts";
import { type Layer, usualWorkDir } from "./pod-layers.ts";
import { markedClaims } from "./volumes/claims.ts";

/** What an attach mode adds to the agent's container. */
export interface AgentPart {
  readonly env: Readonly<Record<string, string>>;
  /** What starts in it: only start-agent can be put into an image that has no agent. */
  readonly program: AgentProgram;
  /** Where the agent's Secret is mounted as files; null where it needs none. */
  readonly secret: { readonly mountPath: string } | null;
  /** Further labels that the master's network policy asks for. */
  readonly podLabels: Readonly<Record<string, string>>;
}

/** A pod as it is sent to the API server. */
export interface PodManifest extends JsonMap {
  readonly apiVersion: "v1";
  readonly kind: "Pod";
  readonly metadata: JsonMap & { readonly name: string };
  readonly spec: JsonMap;
}

/** A slave's whole pod: its template's, over it what its build asked for by label, and then what is the slave's own. */
export function podOf(template: TemplateConfig, identity: SlaveIdentity, agent: AgentPart): PodManifest {
  const { sized, over } = layersOver(template, identity, agent);
  const { metadata, spec } = over.reduce((under, { layer }) => laidOver(under, layer), sized);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...mapOf(metadata), name: podName(identity) },
    spec: mapOf(spec),
  };
}

/** What stands over a template's pod, from the lowest to the highest. */
export function slaveLayers(template: TemplateConfig, identity: SlaveIdentity, agent: AgentPart): readonly Layer[] {
  const { under, over } = layersOver(template, identity, agent);
  return [...under, ...over];
}

/** The same: those that make the pod as large as its build wants it, what it then is, and those over that. */
function layersOver(
  template: TemplateConfig,
  identity: SlaveIdentity,
  agent: AgentPart,
): { readonly under: readonly Layer[]; readonly sized: JsonMap; readonly over: readonly Layer[] } {
  const labels = objectLabels(identity);
  const workDir = template.workDir === "." ? usualWorkDir : template.workDir;
  const variables = { KUBESTACK_AGENT_WORKDIR: workDir, ...agent.env };
  const own: JsonMap = {
    metadata: {
      name: podName(identity),
      labels,
      annotations: { ...podAnnotations(identity), ...agentContainerAnnotations(template.agentContainer) },
    },
    spec: {
      // A build is never started again behind the master's back.
      restartPolicy: "Never",
      containers: [
        {
          name: template.agentContainer,
          // A variable of the template's that has the name of one of these is not merged with it.
          env: Object.entries(variables).map(([name, value]) => ({ name, $patch: "replace", value })),
          volumeMounts:
            agent.secret === null ? [] : [{ name: secretVolume, mountPath: agent.secret.mountPath, readOnly: true }],
        },
      ],
      volumes:
        agent.secret === null
          ? []
          : [{ name: secretVolume, $patch: "replace", secret: { secretName: podName(identity), defaultMode: 0o440 } }],
    },
  };
  const under: readonly Layer[] = [
    { of: { by: "slave" }, layer: markedClaims(template.pod, labels) },
    { of: { by: "build" }, layer: identity.size === undefined ? {} : sizeLayer(template, identity.size) },
  ];
  const sized = under.reduce((pod, { layer }) => laidOver(pod, layer), template.pod);
  const files = agent.secret === null ? null : { volume: secretVolume, mountPath: agent.secret.mountPath };
  const injection = injectionOf(template, sized, { ...agent, files });
  const over: readonly Layer[] = [
    { of: { by: "master" }, layer: { metadata: { labels: { ...agent.podLabels } } } },
    { of: { by: "slave" }, layer: own },
    { of: { by: "inject" }, layer: injection },
  ];
  return { under, sized, over };
}

/** A limit of cpu, where the template has one, goes with what is asked for: the API server takes no request above it. */
export function sizeLayer(
  { pod, agentContainer }: Pick<TemplateConfig, "pod" | "agentContainer">,
  size: PodSize,
): JsonMap {
  const layer = shortForm(size, agentContainer);
  if (size.cpu === undefined || cpuLimitOf({ pod, agentContainer }) === undefined) return layer;
  const limited = { name: agentContainer, resources: { limits: { cpu: size.cpu } } };
  return merged(layer, { spec: { containers: [limited] } });
}

/** The agent's Secret: owned by the pod, so that it goes with it, and named as it is. */
export function secretOf(identity: SlaveIdentity, podUid: string, files: Readonly<Record<string, string>>) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: podName(identity),
      labels: objectLabels(identity),
      annotations: objectAnnotations(identity),
      ownerReferences: [ownedBy(identity, podUid)],
    },
    immutable: true,
    type: "Opaque",
    stringData: { ...files },
  };
}
