import type { AgentPart } from "./pod.ts";

/** Where an agent finds the files of its Secret, in the pod. */
const mountPath = "/run/kubestack/agent";
/** The names of those files. */
export const agentFileNames = { secret: "secret", ca: "ca.pem" } as const;

/** How an agent that connects as a node finds its master. */
export interface AgentWay {
  readonly agentUrl: string;
  /** How its program is started, in the words of the slave image. */
  readonly launch: string;
  /** Where at the master that program is. */
  readonly agentJar: string;
  /** From which Java on it runs; null: not told. */
  readonly javaSince: number | string | null;
  /** Whether authorities of the master's own are in its Secret. */
  readonly hasCa: boolean;
  /** Whether it takes any certificate. */
  readonly isUnchecked: boolean;
  /** By which way it comes; undefined: not known yet. */
  readonly transport:
    | { readonly kind: "websocket" }
    | { readonly kind: "tcp"; readonly tunnel?: string | undefined }
    | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** What the container of an agent is given that connects as its node, with that node's own secret. */
export function connectingPart(name: string, way: AgentWay): AgentPart {
  const { agentUrl, launch, agentJar, javaSince, hasCa, isUnchecked, transport, podLabels } = way;
  return {
    program: "start-agent",
    env: {
      KUBESTACK_AGENT_URL: agentUrl,
      KUBESTACK_AGENT_NAME: name,
      KUBESTACK_AGENT_SECRET_FILE: `${mountPath}/${agentFileNames.secret}`,
      KUBESTACK_AGENT_LAUNCH: launch,
      KUBESTACK_AGENT_JAR_PATH: agentJar,
      ...(javaSince === null ? {} : { KUBESTACK_AGENT_JAVA_SINCE: String(javaSince) }),
      ...(hasCa ? { KUBESTACK_AGENT_CA_FILE: `${mountPath}/${agentFileNames.ca}` } : {}),
      ...(isUnchecked ? { KUBESTACK_AGENT_INSECURE: "true" } : {}),
      ...(transport?.kind === "websocket" ? { KUBESTACK_AGENT_WEBSOCKET: "true" } : {}),
      ...(transport?.kind === "tcp" && transport.tunnel !== undefined
        ? { KUBESTACK_AGENT_TUNNEL: transport.tunnel }
        : {}),
    },
    secret: { mountPath },
    podLabels,
  };
}

/** What a pod is told of that attaches by itself. */
export interface OwnWork {
  readonly master: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** What it is launched for; null where nobody tells. */
  readonly item: { readonly id: string; readonly job: string; readonly url: string } | null;
}

/** What the container of such a pod is given: there is no node, and no secret. */
export function attachingPart(
  { master, name, labels, item }: OwnWork,
  podLabels: Readonly<Record<string, string>>,
): AgentPart {
  return {
    program: "own",
    env: {
      KUBESTACK_MASTER: master,
      KUBESTACK_SLAVE: name,
      KUBESTACK_LABELS: labels.join(" "),
      KUBESTACK_ITEM: item?.id ?? "",
      KUBESTACK_ITEM_JOB: item?.job ?? "",
      KUBESTACK_ITEM_URL: item?.url ?? "",
    },
    secret: null,
    podLabels,
  };
}
