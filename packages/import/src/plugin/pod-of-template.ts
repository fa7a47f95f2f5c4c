import type { JsonMap } from "@kubestack/templates";
import { said } from "../reading/fields.ts";
import { combinedPods } from "./combine-pods.ts";
import { by, mergedBy } from "./keyed.ts";
import { type PluginTemplate, pluginAgentContainer, pluginWorkspace, type YamlPod } from "./plugin-template.ts";

/** The pod that the plugin makes of a template, without what it adds to every pod. */
export interface PluginPod {
  readonly pod: JsonMap;
  readonly agentContainer: string;
  /** The fragments of `yaml` that count, the weakest first. */
  readonly yamls: readonly YamlPod[];
}

/** Fields beat `yaml`: what is made of them lies over it, whoever said either. */
export function podOfTemplate(template: PluginTemplate): PluginPod {
  const agentContainer = template.agentContainer ?? pluginAgentContainer;
  const yamls = template.mergesYaml === true ? template.yamls : template.yamls.slice(-1);
  const lower = yamls.map(({ pod }) => pod).reduce<JsonMap | undefined>(over, undefined);
  const upper = podOfFields(template);
  const pod = lower === undefined ? upper : combinedPods(lower, upper);
  return { pod: withAgent(pod, agentContainer, template), agentContainer, yamls };
}

function over(lower: JsonMap | undefined, upper: JsonMap): JsonMap {
  return lower === undefined ? upper : combinedPods(lower, upper);
}

function podOfFields(template: PluginTemplate): JsonMap {
  const volumes = template.volumes.map(({ volume }, at) => ({ name: `volume-${at}`, ...volume }));
  const workspace = template.workspace === undefined ? [] : [{ name: pluginWorkspace, ...template.workspace }];
  const containers = template.containers.map((container) => ({
    ...container,
    imagePullPolicy: container.imagePullPolicy ?? "IfNotPresent",
    // Said, though it be nothing: what the plugin asks for by itself is for a container that says nothing of resources.
    resources: container.resources ?? { requests: {}, limits: {} },
    env: mergedBy(template.env, listOf(container.env), { key: by("name"), merge: (_, one) => one }),
    volumeMounts: mountsOf(template),
  }));
  const { runAsUser, runAsGroup, supplementalGroups } = template;
  const securityContext = said({
    runAsUser,
    runAsGroup,
    supplementalGroups,
  });
  return {
    metadata: said({ annotations: unlessEmpty(template.annotations) }),
    spec: said({
      activeDeadlineSeconds: template.activeDeadline,
      terminationGracePeriodSeconds: template.gracePeriod,
      serviceAccountName: template.serviceAccount,
      schedulerName: template.schedulerName,
      hostNetwork: template.hostNetwork,
      nodeSelector: unlessEmpty(template.nodeSelector ?? {}),
      imagePullSecrets:
        template.imagePullSecrets.length === 0 ? undefined : template.imagePullSecrets.map((name) => ({ name })),
      securityContext: unlessEmpty(securityContext),
      containers,
      volumes: [...volumes, ...workspace],
    }),
  };
}

/** The agent's container is always there, and has the template's variables even where only `yaml` names it. */
function withAgent(pod: JsonMap, name: string, template: PluginTemplate): JsonMap {
  const spec = pod.spec as JsonMap;
  const containers = listOf(spec.containers);
  const isThere = containers.some((container) => container.name === name);
  const all = isThere ? containers : [...containers, { name, volumeMounts: mountsOf(template) }];
  const fromFields = { supplementalGroups: template.supplementalGroups, gracePeriod: template.gracePeriod };
  return {
    ...pod,
    spec: {
      ...spec,
      ...kept(spec, fromFields),
      containers: all.map((container) =>
        container.name !== name
          ? container
          : {
              ...container,
              env: mergedBy(template.env, listOf(container.env), { key: by("name"), merge: (_, one) => one }),
            },
      ),
    },
  };
}

/** Two fields that the plugin forgets where there is a `yaml` besides. Whoever wrote them meant them: they are kept. */
function kept(
  spec: JsonMap,
  {
    supplementalGroups,
    gracePeriod,
  }: { supplementalGroups?: readonly number[] | undefined; gracePeriod?: number | undefined },
): JsonMap {
  return {
    ...(supplementalGroups === undefined
      ? {}
      : { securityContext: { ...((spec.securityContext as JsonMap | undefined) ?? {}), supplementalGroups } }),
    ...(gracePeriod === undefined ? {} : { terminationGracePeriodSeconds: gracePeriod }),
  };
}

function mountsOf({ volumes }: PluginTemplate): readonly JsonMap[] {
  return volumes.map(({ mountPath, mount }, at) => ({ name: `volume-${at}`, mountPath, ...mount }));
}

function listOf(list: unknown): readonly JsonMap[] {
  return Array.isArray(list) ? (list as readonly JsonMap[]) : [];
}

function unlessEmpty(map: JsonMap): JsonMap | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}
