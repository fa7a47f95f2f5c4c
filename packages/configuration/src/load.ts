import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { KubestackError } from "@kubestack/contracts";
import { type Environment, loadSettings } from "@kubestack/runtime";
import { entryOver, keysOver, type TemplateEntry, templateEntrySchema } from "@kubestack/templates/config";
import { type MasterConfig, masterSchema } from "./master.ts";
import { isOriginal } from "./original/keys.ts";
import { readableByAll } from "./original/readable.ts";
import { translateOriginal } from "./original/translate.ts";
import { ownDefaults } from "./own-master.ts";
import { type Configuration, configurationSchema } from "./schema.ts";

/** Where the configuration is where nothing else is said. */
export const usualFile = "/etc/kubestack/config.yaml";

/** What the environment may give instead of the file. */
export const variables = [
  { path: "install", variable: "KUBESTACK_INSTALL" },
  { path: "log.level", variable: "KUBESTACK_LOG_LEVEL" },
  { path: "listen.hooks", variable: "KUBESTACK_HOOKS" },
  { path: "listen.metrics", variable: "KUBESTACK_METRICS" },
  { path: "kubernetes.namespace", variable: "KUBESTACK_NAMESPACE" },
  { path: "nats.binary", variable: "KUBESTACK_NATS_SERVER" },
] as const;

export interface LoadOptions {
  /** `--config`; default: KUBESTACK_CONFIG, then the usual file. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  /** From the command line, by dotted path. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** A configuration, and each master's entry as the file has it under its defaults: secrets are references there. */
export interface ReadConfiguration {
  readonly configuration: Configuration;
  readonly entries: ReadonlyMap<string, MasterEntry>;
}

/** The same with what people may want to know of the file itself. */
export interface ReadFile extends ReadConfiguration {
  /** What the file says, in today's form; nothing of the environment and no defaults are in it. */
  readonly form: Readonly<Record<string, unknown>>;
  /** The templates as the file has them under its defaults, before they have anything of those that they stand on. */
  readonly templates: readonly FileTemplate[];
  /** Whether it is written in the form of the original KubeStack. */
  readonly isOriginal: boolean;
  /** What should be done about it, each as a sentence; nothing that keeps it from being used. */
  readonly warnings: readonly string[];
}

/** An entry of `masters:` that is checked and not read: durations are texts. `masterOfEntry` reads it. */
export type MasterEntry = Readonly<Record<string, unknown>>;

/** An entry of `templates:`. */
export interface FileTemplate extends TemplateEntry {
  /** What it says itself, where the rest of it is the word of `defaults.template`. */
  readonly own?: TemplateEntry;
}

/** The file that these options mean. */
export function fileOf({ file, environment }: LoadOptions): string {
  return file ?? environment.KUBESTACK_CONFIG ?? usualFile;
}

/** Reads and checks the configuration; `invalid-config` lists every fault at once. */
export async function loadConfiguration(options: LoadOptions): Promise<Configuration> {
  return (await readConfiguration(options)).configuration;
}

/** The same, with the masters' entries as they stand, and what is to be known of the file. */
export async function readConfiguration(options: LoadOptions): Promise<ReadFile> {
  const { environment, overrides } = options;
  const file = fileOf(options);
  let prepared: Record<string, unknown> = {};
  let form: Readonly<Record<string, unknown>> = {};
  let original = false;
  let templateDefaults: unknown;
  const configuration: Configuration = await loadSettings({
    file,
    schema: configurationSchema,
    translate: (written) => {
      // Other processes are told where the secrets are: that must not depend on the folder that this one runs in.
      const translation = translateOriginal(written, resolve(file));
      original = isOriginal(written);
      form = translation?.values ?? written;
      return translation;
    },
    prepare: (raw) => {
      templateDefaults = isObject(raw.defaults) ? (raw.defaults.template ?? undefined) : undefined;
      prepared = underEntries(raw);
      return prepared;
    },
    environment,
    variables,
    ...(overrides === undefined ? {} : { overrides }),
  });
  // What passed the schema is a list of entries with names.
  const entries = prepared.masters as (MasterEntry & { name: string })[];
  return {
    configuration: templateDefaults === undefined ? configuration : { ...configuration, templateDefaults },
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    form,
    templates: fileTemplates(prepared.templates, form.templates),
    isOriginal: original,
    warnings: original ? await readableByAll(file) : [],
  };
}

/** Reads an entry that was kept. Raises `invalid-config` where it is none of this release's. */
export function masterOfEntry(entry: MasterEntry): MasterConfig {
  const read = masterSchema.safeParse(entry);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new KubestackError(
    "invalid-config",
    `The kept entry of master ${String(entry.name)} can't be read (${issue?.path.join(".")}: ${issue?.message}): put the master back into the configuration.`,
    { retry: "never" },
  );
}

/** What passed the schema already, read again: there each template has what it stands on. */
function fileTemplates(underDefaults: unknown, written: unknown): readonly FileTemplate[] {
  const [entries, own] = [underDefaults, written].map((list) => (Array.isArray(list) ? list : []));
  return (entries ?? []).map((entry, at) => {
    const whole = templateEntrySchema.parse(entry);
    const said = templateEntrySchema.safeParse(own?.[at]).data;
    return said === undefined || isDeepStrictEqual(said, whole) ? whole : { ...whole, own: said };
  });
}

/** `defaults:` stands under every entry of its list; what is left of it is what the schema finds fault with. */
function underEntries(raw: Record<string, unknown>): Record<string, unknown> {
  const { defaults, ...rest } = raw;
  const known = isObject(defaults) ? defaults : {};
  const { master, template, ...unknown } = known;
  const faulty = {
    ...unknown,
    ...(master === undefined || isObject(master) ? {} : { master }),
    ...(template === undefined || isObject(template) ? {} : { template }),
  };
  const isSound = defaults === undefined || defaults === null || (isObject(defaults) && isEmpty(faulty));
  return {
    ...rest,
    ...(isSound ? {} : { defaults: isObject(defaults) ? faulty : defaults }),
    ...(Array.isArray(rest.masters) ? { masters: rest.masters.map((entry) => masterOver(master, entry)) } : {}),
    ...(Array.isArray(rest.templates) ? { templates: rest.templates.map((entry) => entryOver(template, entry)) } : {}),
  };
}

/** `kind:` is another word for `type:`; a secret of the entry's own takes the place of either of the defaults'. */
function masterOver(defaults: unknown, entry: unknown): unknown {
  if (!isObject(entry)) return entry;
  const { kind, ...named } = entry;
  const own =
    kind === undefined || (named.type !== undefined && named.type !== kind) ? entry : { ...named, type: kind };
  if (isObject(defaults) && (own.type === "gearman" || own.type === "external"))
    return over(Object.fromEntries(Object.entries(defaults).filter(([key]) => ownDefaults.has(key))), own);
  if (!isObject(defaults) || (own.token === undefined && own.password === undefined)) return over(defaults, own);
  const { token: _token, password: _password, ...below } = defaults;
  return over(below, own);
}

function over(below: unknown, entry: unknown): unknown {
  return isObject(below) && isObject(entry) ? keysOver(below, entry) : entry;
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
