import { type PodSize, printDuration } from "@kubestack/contracts";
import { type AgentWay, attachingPart, connectingPart } from "./agent-parts.ts";
import type { TemplateConfig } from "./config.ts";
import { annotationNames, type SlaveIdentity } from "./marks.ts";
import type { JsonMap } from "./merge/json.ts";
import { isMap } from "./merge/json.ts";
import { type AgentPart, type PodManifest, podOf } from "./pod.ts";

/** Stands for whatever only a launch knows. It is good everywhere in a pod, so that a specimen can be shown to an API server. */
export const atLaunch = "at-launch";

/** The name of a slave that there is not, by the part of it that tells its master. */
export function specimenName(masterPart: string): string {
  return `ks-${masterPart}-${atLaunch}`;
}

/** A master, as far as its slaves' pods depend on it. */
export type SpecimenMaster =
  | { readonly attach: "self"; readonly podLabels: Readonly<Record<string, string>> }
  | (Pick<AgentWay, "agentUrl" | "hasCa" | "isUnchecked" | "podLabels"> & {
      readonly attach: "node";
      /** What the configuration wants; by which way agents come with `auto` and no tunnel is known at the launch. */
      readonly transport: "auto" | "tcp" | "websocket";
      readonly agentTunnel: string | undefined;
    });

/** What a specimen is made of, beside its template. */
export interface SpecimenOptions {
  /** Default: only a launch knows it. */
  readonly install?: string | undefined;
  readonly namespace: string;
  readonly master: string;
  /** The slave's name, with `atLaunch` in it. */
  readonly name: string;
  readonly agent: AgentPart;
  /** What the build asks for by label. Default: nothing. */
  readonly size?: PodSize | undefined;
}

/** What an agent's container is given, with stand-ins for what only its launch knows. Nobody is asked for it. */
export function specimenPart(of: { readonly master: string; readonly name: string }, at: SpecimenMaster): AgentPart {
  if (at.attach === "self")
    return attachingPart(
      { ...of, labels: [atLaunch], item: { id: atLaunch, job: atLaunch, url: atLaunch } },
      at.podLabels,
    );
  return connectingPart(of.name, {
    ...at,
    launch: atLaunch,
    agentJar: atLaunch,
    javaSince: atLaunch,
    transport: transportOf(at),
  });
}

function transportOf({
  transport,
  agentTunnel: tunnel,
}: Extract<SpecimenMaster, { attach: "node" }>): AgentWay["transport"] {
  if (transport === "websocket") return { kind: "websocket" };
  return transport === "tcp" || tunnel !== undefined ? { kind: "tcp", tunnel } : undefined;
}

/** The marks of a slave that there is not. */
export function specimenIdentity({ labels, name: template }: TemplateConfig, of: SpecimenOptions): SlaveIdentity {
  const { install = atLaunch, master, name, size } = of;
  return { install, master, template, name, epoch: atLaunch, number: 0, nonce: atLaunch, labels, size };
}

/** A template's pod as it would be sent, with `atLaunch` where only a launch knows more. */
export function specimenOf(template: TemplateConfig, options: SpecimenOptions): PodManifest {
  const { apiVersion, kind, metadata, spec } = podOf(template, specimenIdentity(template, options), options.agent);
  const { name, ...rest } = metadata;
  const annotations: JsonMap = {
    ...(isMap(rest.annotations) ? rest.annotations : {}),
    [annotationNames.number]: atLaunch,
  };
  return { apiVersion, kind, metadata: { name, namespace: options.namespace, ...rest, annotations }, spec };
}

/** What a template says beside its pod, in the configuration's own keys. */
export function settingsOf(template: TemplateConfig): JsonMap {
  const { labels, unlabelled, agentContainer, workDir, builds, maxAge, idleTimeout, timeouts, masters } = template;
  const { maxSlaves, overrides, inject, agentImage } = template;
  return {
    labels,
    unlabelled,
    agentContainer,
    inject,
    ...(agentImage === undefined ? {} : { agentImage }),
    workDir,
    builds,
    maxAge: printDuration(maxAge),
    idleTimeout: printDuration(idleTimeout),
    timeouts: Object.fromEntries(Object.entries(timeouts).map(([what, ms]) => [what, printDuration(ms)])),
    ...(maxSlaves === undefined ? {} : { maxSlaves }),
    ...(overrides === undefined ? {} : { overrides: JSON.parse(JSON.stringify(overrides)) as JsonMap }),
    masters,
  };
}
