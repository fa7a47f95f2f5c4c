import { type Environment, loadSettings } from "@kubestack/runtime";
import { type Configuration, configurationSchema } from "./schema.ts";

/** Where the configuration is where nothing else is said. */
export const usualFile = "/etc/kubestack/config.yaml";

/** What the environment may give instead of the file. */
export const variables = [
  { path: "install", variable: "KUBESTACK_INSTALL" },
  { path: "log.level", variable: "KUBESTACK_LOG_LEVEL" },
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

/** Reads and checks the configuration; `invalid-config` lists every fault at once. */
export function loadConfiguration(options: LoadOptions): Promise<Configuration> {
  const { environment, overrides } = options;
  return loadSettings({
    file: options.file ?? environment.KUBESTACK_CONFIG ?? usualFile,
    schema: configurationSchema,
    prepare: underEntries,
    environment,
    variables,
    ...(overrides === undefined ? {} : { overrides }),
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
    ...(Array.isArray(rest.templates) ? { templates: rest.templates.map((entry) => over(template, entry)) } : {}),
  };
}

/** `kind:` is another word for `type:`; a secret of the entry's own takes the place of either of the defaults'. */
function masterOver(defaults: unknown, entry: unknown): unknown {
  if (!isObject(entry)) return entry;
  const { kind, ...named } = entry;
  const own =
    kind === undefined || (named.type !== undefined && named.type !== kind) ? entry : { ...named, type: kind };
  if (!isObject(defaults) || (own.token === undefined && own.password === undefined)) return over(defaults, own);
  const { token: _token, password: _password, ...below } = defaults;
  return over(below, own);
}

function over(below: unknown, entry: unknown): unknown {
  if (!isObject(below) || !isObject(entry)) return entry;
  const merged: Record<string, unknown> = { ...below, ...entry };
  for (const [key, value] of Object.entries(entry))
    if (isObject(value) && isObject(below[key])) merged[key] = { ...below[key], ...value };
  return merged;
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
