import { entityName, longestTemplate } from "@kubestack/contracts";
import type { z } from "zod";
import { betweenTemplates, launchFaultsIn, type TemplateConfig, templateIn } from "../config.ts";
import { type TemplateEntry, templateEntrySchema } from "../entry.ts";
import { inheritanceFaults } from "../inheritance.ts";
import { onPools, type PoolPlace } from "../node-pools.ts";
import { PodFamily } from "../pod-layers.ts";
import { entryOver } from "./defaults.ts";
import { grantedMasters, grantFaults } from "./granted.ts";
import { originWord, type TemplateOrigin } from "./origin.ts";
import type { Grant, TemplateSources } from "./sources.ts";

/** An entry from elsewhere than the file, as it was written. */
export interface WrittenEntry {
  readonly origin: Exclude<TemplateOrigin, { kind: "file" }>;
  readonly value: unknown;
  /** Where it stands in what its origin names, such as `[2]`; empty: it is all that stands there. */
  readonly place: string;
}

/** The configuration file's part. */
export interface FileTemplates {
  /** Free of faults. */
  readonly entries: readonly TemplateEntry[];
  /** `defaults.template`, as it is written. */
  readonly defaults?: unknown;
  /** The masters' names. */
  readonly masters: readonly string[];
  readonly sources: TemplateSources;
  /** The node pools that templates may name. Default: none. */
  readonly nodePools?: readonly PoolPlace[] | undefined;
}

/** A template in force, and where it comes from. */
export interface BookTemplate {
  readonly config: TemplateConfig;
  readonly origin: TemplateOrigin;
}

/** What is wrong with an entry; it alone, and what stands on it, is left out. */
export interface BookFault {
  readonly origin: TemplateOrigin;
  readonly place: string;
  /** The template's whole name; null where it has none that can be read. */
  readonly template: string | null;
  readonly path: readonly PropertyKey[];
  /** The rule and the remedy, as one sentence without a full stop. */
  readonly message: string;
  /** The entry as it was written, to show what stands at the path. */
  readonly value: unknown;
}

/** All templates of an installation, as one process knows them. */
export interface TemplateBook {
  /** In the order in which they are tried. */
  readonly templates: readonly BookTemplate[];
  readonly faults: readonly BookFault[];
}

/** A template of a ConfigMap has its namespace before its own name, so that no team takes another's. */
export function nameInNamespace(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** An entry that is sound by itself. */
interface Candidate {
  readonly written: WrittenEntry;
  readonly entry: TemplateEntry;
}

/** Says what a schema has no sentence of its own for. */
export type Words = z.core.$ZodErrorMap;

/**
 * Puts the templates of all sources together. They are tried in this order: the file's as they stand there, then the applied
 * ones by their names, then those of ConfigMaps: namespaces as the configuration lists them, ConfigMaps and keys by name, and
 * entries as they stand. Where two have one name the one that comes first is it. Whatever is wrong with an entry from elsewhere
 * than the file leaves out that one, and those that stand on it. Pure.
 */
export function bookOf(file: FileTemplates, written: readonly WrittenEntry[], words?: Words): TemplateBook {
  const { entries, sources, nodePools = [] } = file;
  const faults: BookFault[] = [];
  const taken = new Map<string, TemplateOrigin>(entries.map(({ name }) => [name, { kind: "file" } as const]));
  const common = { file, taken, faults, words };
  const own = written.filter(({ origin }) => origin.kind === "applied").toSorted(byName);
  const applied = soundOf(own, { ...common, grant: sources.applied, under: entries, namespace: undefined });
  const under = [...entries, ...applied.map(({ entry }) => entry)];
  const teams = sources.configMaps.map((grant) => {
    const { namespace } = grant;
    const theirs = written.filter(({ origin }) => origin.kind === "configMap" && origin.namespace === namespace);
    const sound = soundOf(theirs.toSorted(byPlace), { ...common, grant, under, namespace });
    return { sound, grant, namespace, family: new PodFamily([...under, ...sound.map(({ entry }) => entry)]) };
  });
  const elsewhere = [{ sound: applied, grant: sources.applied, family: new PodFamily(under) }, ...teams];
  const files = new PodFamily(entries);
  return {
    templates: [
      ...entries.map((entry) => ({
        config: onPools(templateIn(files, entry), nodePools),
        origin: { kind: "file" } as const,
      })),
      ...elsewhere.flatMap((source) =>
        source.sound.map(({ entry, written: { origin } }) => ({
          config: inForce(onPools(templateIn(source.family, entry), nodePools), origin, source),
          origin,
        })),
      ),
    ],
    faults,
  };
}

/** The template as its source may have it. */
function inForce(
  config: TemplateConfig,
  origin: TemplateOrigin,
  { grant, namespace }: { readonly grant: Grant; readonly namespace?: string },
): TemplateConfig {
  const { maxSlaves, retainMax } = grant;
  const group = namespace === undefined ? "the applied templates" : `the templates of namespace ${namespace}`;
  const prefix = namespace === undefined ? {} : { prefix: nameInNamespace(namespace, "") };
  return {
    ...config,
    masters: grantedMasters(config.masters, grant.masters),
    from: originWord(origin),
    retainedTogether: { group, retainMax },
    ...(maxSlaves === undefined ? {} : { shared: { group, ...prefix, maxSlaves } }),
  };
}

/** What the entries of one source are judged by. */
interface SourceScope {
  readonly file: FileTemplates;
  readonly grant: Grant;
  /** What they may stand on besides each other. */
  readonly under: readonly TemplateEntry[];
  /** Theirs, where they are ConfigMaps'. */
  readonly namespace: string | undefined;
  /** Names that are taken, and by whom; those of the sound ones are added. */
  readonly taken: Map<string, TemplateOrigin>;
  /** Those of the unsound ones are added. */
  readonly faults: BookFault[];
  readonly words: Words | undefined;
}

/** The entries of one source that can be launched from or stood on. */
function soundOf(written: readonly WrittenEntry[], scope: SourceScope): Candidate[] {
  const { grant, under, faults, taken } = scope;
  const own = new Set(written.map(({ value }) => nameIn(value)));
  const unsound = new Set<string>();
  const leaveOut = (one: WrittenEntry, template: string | null, found: readonly Found[]): void => {
    const { origin, place, value } = one;
    if (template !== null) unsound.add(template);
    faults.push(...found.map(({ path, message }) => ({ origin, place, value, template, path, message })));
  };
  const seen = new Set<string>();
  let candidates = written.flatMap((one, at): Candidate[] => {
    const { entry, name, found } = readEntry(one, own, scope);
    const clash = name === null ? [] : clashFaults(name, taken.get(name), seen);
    const excess = at < grant.maxTemplates ? [] : [{ path: [], message: tooMany(grant, scope.namespace) }];
    const all = [...found, ...clash, ...excess];
    if (name !== null && clash.length === 0) seen.add(name);
    if (entry !== undefined && all.length === 0) return [{ written: one, entry }];
    leaveOut(one, name, all);
    return [];
  });
  const entries = [...under, ...candidates.map(({ entry }) => entry)];
  const family = new PodFamily(entries);
  const known = new Set(entries.map(({ name }) => name));
  const wrong = new Map<Candidate, readonly Found[]>();
  const between = Map.groupBy(inheritanceFaults(entries), ({ template }) => template - under.length);
  for (const [at, one] of candidates.entries()) {
    const found = (between.get(at) ?? []).map(({ parent, message }) => {
      const name = one.entry.inheritFrom?.[parent] ?? "";
      return unsound.has(name) && !known.has(name)
        ? namesUnsound(name, parent)
        : { path: ["inheritFrom", parent], message };
    });
    if (found.length > 0) wrong.set(one, found);
  }
  // Whether an entry is right depends on what it stands on alone, so that nobody is judged twice.
  const heirs = heirsOf(candidates);
  leaveOutHeirs(wrong, heirs);
  for (const one of candidates.filter((each) => !wrong.has(each))) {
    const found = entryFaults(one.entry, family, scope);
    if (found.length > 0) wrong.set(one, found);
  }
  leaveOutHeirs(wrong, heirs);
  const names = new Set([...wrong.keys()].map(({ entry }) => entry.name));
  for (const one of candidates) {
    const { entry } = one;
    const found = wrong.get(one);
    if (found === undefined) continue;
    const parents = (entry.inheritFrom ?? []).flatMap((name, at) => (names.has(name) ? [namesUnsound(name, at)] : []));
    leaveOut(one.written, entry.name, found.length > 0 ? found : parents);
  }
  candidates = candidates.filter((one) => !wrong.has(one));
  for (const { entry, written: one } of candidates) taken.set(entry.name, one.origin);
  return candidates;
}

/** Who names each of them as a parent. */
function heirsOf(all: readonly Candidate[]): ReadonlyMap<string, readonly Candidate[]> {
  const heirs = new Map<string, Candidate[]>();
  for (const one of all)
    for (const parent of one.entry.inheritFrom ?? []) heirs.get(parent)?.push(one) ?? heirs.set(parent, [one]);
  return heirs;
}

/** Adds to the wrong ones whoever stands on them, over any number of others; such a one has no fault of its own. */
function leaveOutHeirs(
  wrong: Map<Candidate, readonly Found[]>,
  heirs: ReadonlyMap<string, readonly Candidate[]>,
): void {
  for (const [{ entry }] of wrong)
    for (const heir of heirs.get(entry.name) ?? []) if (!wrong.has(heir)) wrong.set(heir, []);
}

function namesUnsound(name: string, parent: number): Found {
  return { path: ["inheritFrom", parent], message: `names ${name}, which is wrong itself; correct that one` };
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is wrong with an entry in view of all that it stands on. */
function entryFaults(entry: TemplateEntry, family: PodFamily<TemplateEntry>, { grant, file, namespace }: SourceScope) {
  const line = family.lineOf(entry);
  const last = line.length - 1;
  const found = [...betweenTemplates(line), ...launchFaultsIn(family, entry, last)]
    .filter(({ path: [at] }) => at === last)
    .map(({ path: [, ...path], message }) => ({ path, message }));
  if (found.length > 0) return found;
  return grantFaults(entry, templateIn(family, entry), { grant, masters: file.masters, namespace });
}

/** Reads one entry by itself. Its name, and those of its source that it stands on, are whole in the answer. */
function readEntry(
  { value }: WrittenEntry,
  own: ReadonlySet<string | null>,
  { file, namespace, words }: SourceScope,
): { entry?: TemplateEntry; name: string | null; found: readonly Found[] } {
  const whole = (name: string): string => (namespace === undefined ? name : nameInNamespace(namespace, name));
  const ownName = nameIn(value);
  const name = ownName === null ? null : whole(ownName);
  if (isDeeper(value, mostLevels))
    return { name, found: [{ path: [], message: `is nested deeper than ${mostLevels} levels; flatten it` }] };
  if (bytesOf(value) > longestTemplate)
    return { name, found: [{ path: [], message: "is longer than 64 KiB; shorten it" }] };
  const read = templateEntrySchema.safeParse(entryOver(file.defaults, value), words && { error: words });
  if (!read.success) return { name, found: read.error.issues.flatMap(issueFaults) };
  const { data } = read;
  const wholeName = entityName.safeParse(whole(data.name));
  if (!wholeName.success)
    return {
      name,
      found: [{ path: ["name"], message: `has more than 100 characters with its namespace; shorten it` }],
    };
  // One that names its own name means the one of the file that it stands over.
  const isOwn = (parent: string): boolean => own.has(parent) && (namespace === undefined || parent !== data.name);
  const inheritFrom = data.inheritFrom?.map((parent) => (isOwn(parent) ? whole(parent) : parent));
  return {
    entry: { ...data, name: wholeName.data, ...(inheritFrom === undefined ? {} : { inheritFrom }) },
    name,
    found: [],
  };
}

function issueFaults(issue: z.core.$ZodIssue): Found[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: "is not a known key; correct its spelling or remove it (docs/configuration.md lists the keys)",
    }));
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path: issue.path, message }];
}

function clashFaults(name: string, by: TemplateOrigin | undefined, seen: ReadonlySet<string>): Found[] {
  if (by === undefined && !seen.has(name)) return [];
  const where =
    by === undefined ? "one before it" : by.kind === "file" ? "one of the configuration file" : "an applied one";
  return [{ path: ["name"], message: `is the same as that of ${where}, which stays in force; give it another name` }];
}

function tooMany({ maxTemplates }: Grant, namespace: string | undefined): string {
  const where =
    namespace === undefined
      ? "templateSources.applied"
      : `the entry of namespace ${namespace} in templateSources.configMaps`;
  return `is one more than the ${maxTemplates} that may come from there; remove one, or raise maxTemplates in ${where}`;
}

function nameIn(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const { name } = value as { readonly name?: unknown };
  return typeof name === "string" && name !== "" ? name : null;
}

/** An entry is nested no deeper than this; a pod in it has its own, lower limit. */
const mostLevels = 64;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? "").length;
}

function byName(a: WrittenEntry, b: WrittenEntry): number {
  return compare(nameIn(a.value) ?? "", nameIn(b.value) ?? "");
}

/** Entries of one key stay as they stand. */
function byPlace(a: WrittenEntry, b: WrittenEntry): number {
  if (a.origin.kind !== "configMap" || b.origin.kind !== "configMap") return 0;
  return compare(a.origin.name, b.origin.name) || compare(a.origin.key, b.origin.key);
}

/** By code units, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
