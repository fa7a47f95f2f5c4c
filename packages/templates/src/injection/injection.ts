import { directive } from "../merge/directive.ts";
import { type JsonMap, mapOf, mapsIn } from "../merge/json.ts";
import { type AgentProgram, type InjectMode, isInjected } from "./is-injected.ts";

/** The init container that puts the agent in, and the volume that it puts it into. */
export const injector = "kubestack-agent";
/** Where both containers see that volume. */
const folder = "/run/kubestack/injected";

/** Where the agent image has the script that is copied; `start-agent inject` is its other half. */
const startAgent = "/usr/local/bin/start-agent";

/** What the download of the agent depends on: said by the attach mode, or by the template for its agent's container. */
const ofTheMaster = [
  "KUBESTACK_AGENT_URL",
  "KUBESTACK_AGENT_JAR_PATH",
  "KUBESTACK_AGENT_CA_FILE",
  "KUBESTACK_AGENT_INSECURE",
];
const ofTheTemplate = ["KUBESTACK_AGENT_TRIES", "http_proxy", "https_proxy", "no_proxy"];

/**
 * Copying takes little memory, and as much of the processor as the agent may have: with its request the pod becomes no larger.
 * All of it is stated, since a quota may ask for that. What is copied takes some 200 MB of the pod's disk.
 */
function resourcesOf(container: JsonMap): JsonMap {
  const { requests } = mapOf(container.resources);
  const cpu = mapOf(requests).cpu;
  const stated = { memory: "128Mi", "ephemeral-storage": "512Mi" };
  return { requests: { cpu: cpu ?? "100m", ...stated }, limits: stated };
}

/** What an attach mode says of the agent. */
interface Agent {
  readonly program: AgentProgram;
  readonly env: Readonly<Record<string, string>>;
  /** The volume with the agent's files, and where the agent sees it. */
  readonly files: { readonly volume: string; readonly mountPath: string } | null;
}

/** What a template says of it. */
interface Template {
  readonly inject: InjectMode;
  readonly agentImage?: string | undefined;
  readonly agentContainer: string;
}

/**
 * The layer over a slave's pod by which its agent comes from another image than the container's own; empty where it does not.
 * `pod` is finished.
 */
export function injectionOf(template: Template, pod: JsonMap, agent: Agent): JsonMap {
  const { inject, agentImage, agentContainer } = template;
  const spec = mapOf(pod.spec);
  const container = mapsIn(spec.containers).find(({ name }) => name === agentContainer) ?? {};
  if (agentImage === undefined || !isInjected({ inject, agentImage, program: agent.program, pod, container }))
    return {};
  return {
    spec: {
      initContainers: [
        {
          name: injector,
          [directive]: "replace",
          image: agentImage,
          command: [startAgent, "inject", folder],
          env: [
            ...mapsIn(container.env).filter(({ name }) =>
              ofTheTemplate.includes(String(name).replace(/^[A-Z]+_PROXY$/, lower)),
            ),
            ...ofTheMaster.flatMap((name) => (agent.env[name] === undefined ? [] : [{ name, value: agent.env[name] }])),
            // Its own file system is read-only.
            { name: "TMPDIR", value: folder },
          ],
          resources: resourcesOf(container),
          securityContext: securityOf(spec),
          volumeMounts: [{ name: injector, mountPath: folder }, ...authoritiesOf(agent)],
        },
      ],
      containers: [
        {
          name: agentContainer,
          // The image may have no shell: one comes with the script.
          command: [`${folder}/bin/sh`, `${folder}/start-agent`],
          args: null,
          env: Object.entries({
            KUBESTACK_AGENT_INJECTED: folder,
            KUBESTACK_AGENT_JAR: `${folder}/agent.jar`,
          }).map(([name, value]) => ({ name, [directive]: "replace", value })),
          volumeMounts: [{ name: injector, mountPath: folder, [directive]: "replace", readOnly: true }],
        },
      ],
      volumes: [{ name: injector, [directive]: "replace", emptyDir: {} }],
    },
  };
}

/** Restricted by itself, whatever the pod's agent may be. A user of the pod's is kept, since some clusters allow no other; root is not. */
function securityOf(spec: JsonMap): JsonMap {
  const { runAsUser } = mapOf(spec.securityContext);
  return {
    runAsNonRoot: true,
    ...(runAsUser === 0 ? { runAsUser: 1000, runAsGroup: 1000 } : {}),
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** Of the agent's files only the authorities: its secret is none of this container's business. */
function authoritiesOf({ env, files }: Agent): readonly JsonMap[] {
  const path = env.KUBESTACK_AGENT_CA_FILE;
  if (files === null || !path?.startsWith(`${files.mountPath}/`)) return [];
  return [{ name: files.volume, mountPath: path, subPath: path.slice(files.mountPath.length + 1), readOnly: true }];
}

function lower(text: string): string {
  return text.toLowerCase();
}
