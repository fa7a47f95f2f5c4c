import type { SlaveRecord } from "@kubestack/contracts";
import type { AgentPart } from "@kubestack/templates";
import { AgentLaunches, isUnchecked } from "./agent-launches.ts";
import type { AttachTarget } from "./attach-mode.ts";

/** Where the agent finds its files, in the pod. */
const mountPath = "/run/kubestack/agent";
const secretFile = "secret";
const caFile = "ca.pem";

/** What is remembered of all masters, however their nodes are made. */
export const agentLaunches = new AgentLaunches();

/** What the container of an agent is given that connects as its node, with that node's own secret. */
export async function agentPartOf(slave: Pick<SlaveRecord, "name">, target: AttachTarget): Promise<AgentPart> {
  const { agentUrl, podLabels } = target;
  const { launch, agentJar, javaSince, transport } = await agentLaunches.of(target);
  return {
    program: "start-agent",
    env: {
      KUBESTACK_AGENT_URL: agentUrl,
      KUBESTACK_AGENT_NAME: slave.name,
      KUBESTACK_AGENT_SECRET_FILE: `${mountPath}/${secretFile}`,
      KUBESTACK_AGENT_LAUNCH: launch,
      KUBESTACK_AGENT_JAR_PATH: agentJar,
      ...(javaSince === null ? {} : { KUBESTACK_AGENT_JAVA_SINCE: String(javaSince) }),
      ...(caOf(target) === undefined ? {} : { KUBESTACK_AGENT_CA_FILE: `${mountPath}/${caFile}` }),
      ...(isUnchecked(target) ? { KUBESTACK_AGENT_INSECURE: "true" } : {}),
      ...(transport.kind === "websocket" ? { KUBESTACK_AGENT_WEBSOCKET: "true" } : {}),
      ...(transport.kind === "tcp" && transport.tunnel !== undefined
        ? { KUBESTACK_AGENT_TUNNEL: transport.tunnel }
        : {}),
    },
    secret: { name: slave.name, mountPath },
    podLabels,
  };
}

/** The files of that agent's Secret. */
export function agentFilesOf(secret: string, target: AttachTarget): Readonly<Record<string, string>> {
  const ca = caOf(target);
  return { [secretFile]: secret, ...(ca === undefined ? {} : { [caFile]: ca }) };
}

/** The authorities that agents need to know; undefined where they come without TLS. */
function caOf({ tls, agentUrl }: AttachTarget): string | undefined {
  return /^https:/i.test(agentUrl) ? tls?.caPem : undefined;
}
