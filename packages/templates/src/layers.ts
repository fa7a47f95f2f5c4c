import { isForWindows } from "./loosening.ts";
import { directive } from "./merge/directive.ts";
import { isList, isMap, type Json, type JsonMap } from "./merge/json.ts";
import { finishedOver } from "./merge/lay.ts";

/** What a template's short form says of its agent's container; null takes away what its parents say. */
export interface ShortForm {
  readonly image?: string | undefined;
  readonly command?: readonly string[] | null | undefined;
  readonly args?: readonly string[] | null | undefined;
  readonly env?: Readonly<Record<string, string | null>> | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly disk?: string | undefined;
}

/** A pod that is told to end gets this long before it is killed, in seconds. */
const graceSeconds = 10;

/**
 * A pod stays on a machine that is not heard of for this long, in seconds, after the cluster has noticed that (some 45 s).
 * Kubernetes' own default is five minutes, during which a build that is lost holds its place; one that is only cut off
 * from its control plane for a moment must not lose its builds.
 */
const tolerationSeconds = 60;
const unheard = ["not-ready", "unreachable"].map((taint) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds,
}));

/** The user, and the group of its files, that agents run as. */
const user = 1000;
/** The volume that holds the agent's folder. */
const workspace = "workspace";

/** What stands under every template: a restricted pod with the agent's folder in it. */
export function foundation(agentContainer: string, workDir: string): JsonMap {
  return {
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      tolerations: unheard,
      containers: [
        { name: agentContainer, workingDir: workDir, volumeMounts: [{ name: workspace, mountPath: workDir }] },
      ],
      volumes: [{ name: workspace, emptyDir: {} }],
    },
  };
}

/** What of the foundation is the template's word, where that says the agent's folder. */
export function workDirLayer(agentContainer: string, workDir: string): JsonMap {
  return {
    spec: { containers: [{ name: agentContainer, workingDir: workDir, volumeMounts: [{ mountPath: workDir }] }] },
  };
}

/** The short form as a layer over what the template's parents say; the template's own `pod` is merged over it. */
export function shortForm(
  { image, command, args, env, cpu, memory, disk }: ShortForm,
  agentContainer: string,
): JsonMap {
  const limits = said({ memory, "ephemeral-storage": disk });
  const requests = said({ cpu, ...limits });
  const resources = said({ requests: unlessEmpty(requests), limits: unlessEmpty(limits) });
  const variables = Object.entries(env ?? {}).map(([name, value]) =>
    value === null ? { name, [directive]: "delete" } : { name, value },
  );
  const container = said({ image, command, args, env: variables.length > 0 ? variables : undefined });
  return {
    spec: { containers: [{ name: agentContainer, ...container, ...said({ resources: unlessEmpty(resources) }) }] },
  };
}

/**
 * The restricted pod security standard under everything that a finished pod does not say itself. A machine with Windows knows
 * neither user numbers nor capabilities.
 */
export function restricted(pod: JsonMap): JsonMap {
  return finishedOver(restriction(pod), pod);
}

/** What `restricted` puts under such a pod. */
export function restriction(pod: JsonMap): JsonMap {
  const spec = isMap(pod.spec) ? pod.spec : {};
  const isWindows = isForWindows(spec);
  const pods = isWindows
    ? { runAsNonRoot: true }
    : {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: "RuntimeDefault" },
      };
  const below = Object.fromEntries(
    ["initContainers", "containers"].flatMap((list) => {
      const containers = spec[list];
      return isList(containers) && !isWindows ? [[list, containers.map(restrictedContainer)]] : [];
    }),
  );
  return { spec: { securityContext: pods, ...below } };
}

function restrictedContainer(container: Json): Json {
  if (!isMap(container)) return container;
  const isPrivileged = isMap(container.securityContext) && container.securityContext.privileged === true;
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  // The API server refuses a privileged container that may not escalate.
  return { name: container.name ?? "", ...(isPrivileged ? {} : { securityContext }) };
}

function unlessEmpty(map: JsonMap): JsonMap | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}

/** The fields that have a value. */
export function said(fields: Readonly<Record<string, Json | undefined>>): JsonMap {
  const left: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) left[name] = value;
  return left;
}
