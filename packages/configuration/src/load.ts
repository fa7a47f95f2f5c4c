import { type Environment, loadSettings } from "@kubestack/runtime";
import { type Configuration, configurationSchema } from "./schema.ts";

/** Where the configuration is where nothing else is said. */
export const usualFile = "/etc/kubestack/config.yaml";

/** What the environment may give instead of the file. */
export const variables = [
  { path: "install", variable: "KUBESTACK_INSTALL" },
  { path: "log.level", variable: "KUBESTACK_LOG_LEVEL" },
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

/** `defaults:` stands under every entry of its list. */
function underEntries(raw: Record<string, unknown>): Record<string, unknown> {
  const { defaults, ...rest } = raw;
  const { master, template, ...unknown } = isObject(defaults) ? defaults : {};
  const left =
    Object.keys(unknown).length > 0 || (defaults !== undefined && !isObject(defaults))
      ? { defaults: isObject(defaults) ? unknown : defaults }
      : {};
  return {
    ...rest,
    // What is not known stays, so that the schema finds it.
    ...left,
    ...(Array.isArray(rest.masters) ? { masters: rest.masters.map((entry) => over(master, entry)) } : {}),
    ...(Array.isArray(rest.templates) ? { templates: rest.templates.map((entry) => over(template, entry)) } : {}),
  };
}

function over(below: unknown, entry: unknown): unknown {
  if (!isObject(below) || !isObject(entry)) return entry;
  const merged: Record<string, unknown> = { ...below, ...entry };
  for (const [key, value] of Object.entries(entry))
    if (isObject(value) && isObject(below[key])) merged[key] = { ...below[key], ...value };
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
