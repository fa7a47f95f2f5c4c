import { type PodSize, printDuration } from "@kubestack/contracts";
import { type AgentWay, attachingPart, connectingPart } from "./agent-parts.ts";
import type { TemplateConfig } from "./config.ts";
import { annotationNames, type SlaveIdentity } from "./marks.ts";
import { isMap, type Json, type JsonMap } from "./merge/json.ts";
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
export function specimenIdentity(
  { labels, unlabelled, services, name: template }: TemplateConfig,
  of: SpecimenOptions,
): SlaveIdentity {
  const { install = atLaunch, master, name, size } = of;
  const marks = { epoch: atLaunch, number: 0, nonce: atLaunch };
  return { install, master, template, name, ...marks, labels, unlabelled, services, size };
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
  return Object.fromEntries(
    settingKeys.flatMap((key) => {
      const value = shownSetting(template, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** The name is the question, the pod is shown apart, and the rest is of the source that it comes from. */
type Setting = Exclude<keyof TemplateConfig, "name" | "pod" | "from" | "shared" | "retainedTogether">;

/** How each is shown; undefined: there is nothing to show. A key that is missing here does not compile. */
const settings: { readonly [K in Setting]: (value: NonNullable<TemplateConfig[K]>) => Json | undefined } = {
  labels: plainly,
  unlabelled: plainly,
  agentContainer: plainly,
  inject: plainly,
  agentImage: plainly,
  workDir: plainly,
  nodeProperties: ({ env, tools }) => {
    const said = { ...(Object.keys(env).length > 0 && { env }), ...(tools.length > 0 && { tools }) };
    return Object.keys(said).length === 0 ? undefined : plainly(said);
  },
  services: plainly,
  builds: plainly,
  maxAge: printDuration,
  idleTimeout: printDuration,
  timeouts: (value) => Object.fromEntries(Object.entries(value).map(([what, ms]) => [what, printDuration(ms)])),
  retain: plainly,
  retainFor: printDuration,
  retainMax: plainly,
  relaunch: plainly,
  maxSlaves: plainly,
  weight: plainly,
  priority: plainly,
  pools: plainly,
  warm: (rules) =>
    rules.map(({ minIdle, share, window, refillDelay }) => ({
      minIdle,
      ...(share === undefined ? {} : { share }),
      ...(window === undefined ? {} : { ...window, duration: printDuration(window.duration) }),
      refillDelay: printDuration(refillDelay),
    })),
  overrides: plainly,
  masters: plainly,
  jobs: plainly,
};
const settingKeys = Object.keys(settings) as readonly Setting[];

function shownSetting<K extends Setting>(template: TemplateConfig, key: K): Json | undefined {
  const value = template[key];
  return value === undefined || value === null ? undefined : settings[key](value);
}

/** As JSON has it. */
function plainly(value: object | string | number | boolean): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
