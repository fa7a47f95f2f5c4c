import { durationMs, type SizeBounds, type SlaveService, sizedResources } from "@kubestack/contracts";
import { containerNames } from "./agent-container.ts";
import { imageRule, type TemplateEntry, templateEntrySchema } from "./entry.ts";
import { inheritanceFaults, lineIn, namesOf } from "./inheritance.ts";
import { injectFaults } from "./injection/faults.ts";
import type { InjectMode } from "./injection/is-injected.ts";
import { looseningOf } from "./loosening.ts";
import type { Fault } from "./merge/faults.ts";
import { type Json, type JsonMap, mapOf, mapsIn } from "./merge/json.ts";
import { type NodeProperties, nodePropertiesOf } from "./node-properties.ts";
import { secretVolume } from "./owned-fields.ts";
import { PodFamily, type TemplatePod, usualWorkDir } from "./pod-layers.ts";
import { relaunchFaults } from "./relaunch.ts";
import { serviceFaults, servicesOf } from "./services/services.ts";
import { volumeFaults } from "./volumes/faults.ts";
import { volumesOf } from "./volumes/layer.ts";
import { type WarmRule, warmRulesOf } from "./warm/entry.ts";

export { entryOver, keysOver } from "./book/defaults.ts";
export { type TemplateSources, templateSourcesSchema } from "./book/sources.ts";
export { onPools } from "./node-pools.ts";
export { type TemplateEntry, templateEntrySchema };

/** What a slave's pod is made of, and for which labels: an entry with all that it stands on. */
export interface TemplateConfig {
  readonly name: string;
  readonly labels: readonly string[];
  readonly unlabelled: boolean;
  /** The pod that each slave's begins with, before anything of the slave's own. */
  readonly pod: JsonMap;
  readonly agentContainer: string;
  readonly inject: InjectMode;
  /** From which the agent is put into others; absent: from none. */
  readonly agentImage?: string | undefined;
  /** What builds may ask for by label; absent: nothing. */
  readonly overrides?: SizeBounds | undefined;
  /** Services that lead to each slave's pod; absent: none. */
  readonly services?: readonly SlaveService[] | undefined;
  readonly workDir: string;
  readonly nodeProperties: NodeProperties;
  readonly builds: number;
  /** Times are in milliseconds. */
  readonly maxAge: number;
  readonly idleTimeout: number;
  readonly timeouts: Readonly<Record<"schedule" | "pull" | "start" | "connect", number>> & {
    /** Absent: no limit. */
    readonly build?: number;
  };
  readonly retain: "never" | "onFailure" | "always";
  readonly retainFor: number;
  /** Pods that are kept at once, for each master; the oldest go first. */
  readonly retainMax: number;
  /** Pods that may follow one that is lost under a build, under the same node; absent: none. */
  readonly relaunch?: number | undefined;
  readonly maxSlaves?: number | undefined;
  /** Its part of what the templates of a master share, against those of the others. */
  readonly weight: number;
  /** Where not all launches can be made, those of a higher one come first. */
  readonly priority: number;
  /** The node pools that its pods may go to, the preferred one first; absent: wherever the scheduler puts them. */
  readonly pools?: readonly string[] | undefined;
  /** How many slaves are kept idle at each master, and when; absent: none. */
  readonly warm?: readonly WarmRule[] | undefined;
  readonly masters: readonly string[];
  /** The jobs that may use it, as `jobPattern` has them; absent: any. */
  readonly jobs?: readonly string[] | undefined;
  /** Where it comes from, in one word; absent: from the configuration file. */
  readonly from?: string | undefined;
  /** A cap that it has together with the others of its group. */
  readonly shared?: SharedCap | undefined;
  /** How many pods it keeps together with the others of its group, at each master; absent: its own cap is all. */
  readonly retainedTogether?: { readonly group: string; readonly retainMax: number } | undefined;
}

/** A cap over several templates, at each master. */
export interface SharedCap {
  /** Whose it is, for people. */
  readonly group: string;
  /** Templates whose names begin so belong to it, also those that are there no more. */
  readonly prefix?: string | undefined;
  readonly maxSlaves: number;
}

/** What a template has that neither says it nor has it from its parents. */
export const usual = {
  workDir: usualWorkDir,
  builds: 1,
  maxAge: time("8h"),
  idleTimeout: time("5m"),
  timeouts: { schedule: time("10m"), pull: time("10m"), start: time("5m"), connect: time("2m") },
  retain: "never",
  retainFor: time("1h"),
  retainMax: 5,
  weight: 1,
  priority: 0,
  masters: ["*"],
  inject: "auto" as InjectMode,
} as const;

const anyJob = "**";

function time(text: string): number {
  return durationMs(text) ?? Number.NaN;
}

/** Templates, each with all that it stands on. The entries must be free of faults. */
export function templatesOf(entries: readonly TemplateEntry[]): TemplateConfig[] {
  const family = new PodFamily(entries);
  return entries.map((entry) => templateIn(family, entry));
}

/** One template of a list. */
export function templateOf(entry: TemplateEntry, all: readonly TemplateEntry[]): TemplateConfig {
  return templateIn(new PodFamily(all), entry);
}

/** The same, where more of the list are made. */
export function templateIn(family: PodFamily<TemplateEntry>, entry: TemplateEntry): TemplateConfig {
  const line = family.lineOf(entry);
  const { pod, agentContainer } = family.podOf(entry);
  const said = <K extends keyof TemplateEntry>(key: K) => last(line, key);
  const settled = <K extends Exclude<keyof typeof usual, "timeouts">>(key: K) => said(key) ?? usual[key];
  const maxSlaves = said("maxSlaves") ?? undefined;
  const agentImage = said("agentImage") ?? undefined;
  const overrides = overridesOf(line);
  const services = servicesOf(line);
  return {
    name: entry.name,
    labels: entry.labels,
    unlabelled: entry.unlabelled,
    pod,
    agentContainer,
    workDir: settled("workDir"),
    nodeProperties: nodePropertiesOf(line),
    builds: settled("builds"),
    maxAge: settled("maxAge"),
    idleTimeout: settled("idleTimeout"),
    timeouts: timeoutsOf(line),
    retain: settled("retain"),
    retainFor: settled("retainFor"),
    retainMax: settled("retainMax"),
    weight: settled("weight"),
    priority: settled("priority"),
    masters: settled("masters"),
    inject: settled("inject"),
    ...(overrides === undefined ? {} : { overrides }),
    ...(agentImage === undefined ? {} : { agentImage }),
    ...(services.length === 0 ? {} : { services }),
    ...(maxSlaves === undefined ? {} : { maxSlaves }),
    ...relaunchOf(line),
    ...choiceOf(line),
  };
}

/** Where its pods go, when they are kept idle, and for whose builds they are. */
function choiceOf(line: readonly TemplateEntry[]): Pick<TemplateConfig, "pools" | "warm" | "jobs"> {
  const pools = last(line, "pools") ?? [];
  const warm = warmRulesOf(last(line, "warm") ?? []);
  const jobs = last(line, "jobs") ?? [];
  return {
    ...(pools.length === 0 ? {} : { pools }),
    ...(warm.length === 0 ? {} : { warm }),
    ...(jobs.length === 0 || jobs.includes(anyJob) ? {} : { jobs }),
  };
}

/** The strongest word of a line on one key. */
function last<K extends keyof TemplateEntry>(line: readonly TemplateEntry[], key: K): TemplateEntry[K] | undefined {
  return line.findLast((one) => one[key] !== undefined)?.[key];
}

function relaunchOf(line: readonly TemplateEntry[]): Pick<TemplateConfig, "relaunch"> {
  const relaunch = last(line, "relaunch") ?? 0;
  return relaunch === 0 ? {} : { relaunch };
}

function timeoutsOf(line: readonly TemplateEntry[]): TemplateConfig["timeouts"] {
  const of = (key: keyof typeof usual.timeouts) =>
    line.findLast(({ timeouts }) => timeouts?.[key] !== undefined)?.timeouts?.[key] ?? usual.timeouts[key];
  const build = line.findLast(({ timeouts }) => timeouts?.build !== undefined)?.timeouts?.build;
  return {
    ...{ schedule: of("schedule"), pull: of("pull"), start: of("start"), connect: of("connect") },
    ...(build === undefined ? {} : { build }),
  };
}

/** Each resource by itself, the last word of each. */
function overridesOf(line: readonly TemplateEntry[]): SizeBounds | undefined {
  const offered = sizedResources.flatMap((resource) => {
    const bounds = line.findLast(({ overrides }) => overrides?.[resource] !== undefined)?.overrides?.[resource];
    return bounds === undefined ? [] : [[resource, bounds] as const];
  });
  return offered.length === 0 ? undefined : Object.fromEntries(offered);
}

/** Faults between the entries; they may be anything, since the faults of each are told beside these. */
export function betweenTemplates(entries: readonly unknown[]): readonly Fault[] {
  const heirs = entries.map((entry) => {
    const said = typeof entry === "object" && entry !== null ? (entry as Readonly<Record<string, unknown>>) : {};
    const { name, inheritFrom, labels, unlabelled, image, pod } = said;
    return {
      name: typeof name === "string" ? name : "",
      inheritFrom: Array.isArray(inheritFrom) ? inheritFrom.map(String) : [],
      isLaunched: unlabelled === true || (Array.isArray(labels) && labels.length > 0),
      mayHaveImage: image !== undefined || pod !== undefined,
    };
  });
  const byName = namesOf(heirs);
  return [
    ...inheritanceFaults(heirs).map(({ template, parent, message }) => ({
      path: [template, "inheritFrom", parent],
      message,
    })),
    ...heirs.flatMap((one, at) => {
      const isWithout = one.isLaunched && !lineIn(one, byName).some(({ mayHaveImage }) => mayHaveImage);
      return isWithout ? [{ path: [at, "image"], message: imageRule }] : [];
    }),
  ];
}

/** What keeps sound entries from being launched, beside what lies between them. Those that nothing is launched from may be incomplete. */
export function launchFaults(entries: readonly TemplateEntry[]): readonly Fault[] {
  const family = new PodFamily(entries);
  return entries.flatMap((entry, at) => launchFaultsIn(family, entry, at));
}

/** The same of one entry, which is at this place. */
export function launchFaultsIn(family: PodFamily<TemplateEntry>, entry: TemplateEntry, at: number): readonly Fault[] {
  const line = family.lineOf(entry);
  const sized = sizedLabels(entry.labels, overridesOf(line)).map(({ label, resource }) => ({
    path: [at, "labels", label],
    message: `is what builds ask for by overrides.${resource}; leave one of the two out`,
  }));
  const isLaunched = entry.labels.length > 0 || entry.unlabelled;
  if (!isLaunched || !line.some(({ image, pod }) => image !== undefined || pod !== undefined)) return sized;
  const made = family.podOf(entry);
  const { pod, agentContainer } = made;
  const allow = last(line, "allow") ?? [];
  const injects = injectFaults(last(line, "inject"), last(line, "agentImage"), pod);
  return [
    ...sized,
    ...containerFaults(pod, agentContainer, at),
    ...injects.map((message) => ({ path: [at, "inject"], message })),
    ...loose(pod, allow, at),
    ...ownFaults(line, made, at),
    ...relaunchFaults(last(line, "relaunch") ?? 0, { ...made, workDir: last(line, "workDir") ?? usual.workDir }).map(
      (message) => ({ path: [at, "relaunch"], message }),
    ),
  ];
}

/** What is wrong with what each slave has of its own. */
function ownFaults(line: readonly TemplateEntry[], { places }: TemplatePod, at: number): readonly Fault[] {
  const builds = last(line, "builds") ?? usual.builds;
  return [
    ...volumeFaults(volumesOf(line), { places, builds }).map((message) => ({ path: [at, "volumes"], message })),
    ...serviceFaults(line).map((message) => ({ path: [at, "services"], message })),
  ];
}

/** Labels by which a size would be asked for, by their places. */
function sizedLabels(labels: readonly string[], offered: SizeBounds = {}) {
  return labels.flatMap((label, at) => {
    const resource = sizedResources.find((one) => offered[one] !== undefined && label.startsWith(`${one}=`));
    return resource === undefined ? [] : [{ label: at, resource }];
  });
}

/** What no API server would take, by the names of containers and volumes: told before anything is launched. */
function containerFaults(pod: JsonMap, agentContainer: string, at: number): readonly Fault[] {
  const spec = mapOf(pod.spec);
  if (!containerNames(pod).includes(agentContainer))
    return [
      {
        path: [at, "pod", "spec", "containers"],
        message: `leaves out ${agentContainer}, where the agent runs; keep it`,
      },
    ];
  const containers = [...mapsIn(spec.initContainers), ...mapsIn(spec.containers)];
  // Who mounts the agent's secret is told something else.
  const volumes = new Set([secretVolume, ...mapsIn(spec.volumes).map(({ name }) => name)]);
  const met = new Set<unknown>();
  return containers.flatMap(({ name, image: of, volumeMounts }) => {
    const path = [at, "pod", "spec"];
    const isTwice = met.has(name);
    met.add(name);
    const unknown = mapsIn(volumeMounts).filter((mount) => !volumes.has(mount.name));
    return [
      ...(isTwice ? [{ path, message: `gives two containers the name ${shown(name)}; rename one` }] : []),
      ...(typeof of === "string" && of !== "" ? [] : [imageFault(name, agentContainer, at)]),
      ...unknown.map((mount) => ({
        path,
        message: `mounts volume ${shown(mount.name)} in container ${shown(name)} and has none of this name; add it to volumes`,
      })),
    ];
  });
}

function imageFault(name: Json | undefined, agentContainer: string, at: number): Fault {
  return name === agentContainer
    ? { path: [at, "image"], message: imageRule }
    : { path: [at, "pod", "spec"], message: `gives container ${shown(name)} no image; add it` };
}

function shown(name: Json | undefined): string {
  return typeof name === "string" ? name.slice(0, 80) : "without a name";
}

function loose(pod: JsonMap, allow: readonly string[], at: number): readonly Fault[] {
  const missing = looseningOf(pod).filter(([needs]) => !allow.includes(needs));
  return missing.map(([needs, path]) => ({
    path: [at, "allow"],
    message: `lacks ${needs}, which the pod's ${path.join(".")} needs; add it, or remove that`,
  }));
}

/** A single template that stands on none. */
export const templateConfigSchema = templateEntrySchema.transform((entry) => templateOf(entry, [entry]));
