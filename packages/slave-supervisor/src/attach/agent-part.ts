import type { SlaveRecord } from "@kubestack/contracts";
import { type AgentPart, agentFileNames, connectingPart, specimenPart } from "@kubestack/templates";
import { AgentLaunches, isUnchecked } from "./agent-launches.ts";
import type { AttachTarget } from "./attach-mode.ts";

/** What is remembered of all masters, however their nodes are made. */
export const agentLaunches = new AgentLaunches();

/** What the container of an agent is given that connects as its node, with that node's own secret. */
export async function agentPartOf(slave: Pick<SlaveRecord, "name">, target: AttachTarget): Promise<AgentPart> {
  const { launch, agentJar, javaSince, transport } = await agentLaunches.of(target);
  return connectingPart(slave.name, { ...wayTo(target), launch, agentJar, javaSince, transport });
}

/** The same with stand-ins for what only a launch knows; the master is not asked. */
export function agentSpecimenOf(of: Pick<SlaveRecord, "name" | "master">, target: AttachTarget): AgentPart {
  const { transport = "auto", agentTunnel } = target;
  return specimenPart(of, { attach: "node", ...wayTo(target), transport, agentTunnel });
}

function wayTo(target: AttachTarget) {
  const { agentUrl, podLabels } = target;
  return { agentUrl, hasCa: caOf(target) !== undefined, isUnchecked: isUnchecked(target), podLabels };
}

/** The files of that agent's Secret. */
export function agentFilesOf(secret: string, target: AttachTarget): Readonly<Record<string, string>> {
  const ca = caOf(target);
  return { [agentFileNames.secret]: secret, ...(ca === undefined ? {} : { [agentFileNames.ca]: ca }) };
}

/** The authorities that agents need to know; undefined where they come without TLS. */
function caOf({ tls, agentUrl }: AttachTarget): string | undefined {
  return /^https:/i.test(agentUrl) ? tls?.caPem : undefined;
}
