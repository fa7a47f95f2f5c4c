import { readFile } from "node:fs/promises";
import { sentenceOf } from "@kubestack/contracts";
import convict from "convict";
import type { Document } from "yaml";
import type { z } from "zod";
import type { Environment } from "./environment.ts";
import { type Fault, faultsError, printPath, showValue } from "./faults.ts";
import { plainWords } from "./plain-words.ts";
import { mostAliases, readYamlText } from "./yaml-text.ts";

/** A setting that the environment may give as well as the file. */
export interface EnvironmentSetting {
  /** Dotted path in the configuration. */
  readonly path: string;
  readonly variable: string;
}

/** A file of another form, said in the schema's. */
export interface Translation {
  readonly values: Record<string, unknown>;
  /** What is wrong by that form's own rules. The schema's faults with the same values, or with parts of them, are left out. */
  readonly faults: readonly Fault[];
  /** Where in the file stands what the schema knows by this path. */
  readonly written: (path: readonly PropertyKey[]) => readonly PropertyKey[];
}

export interface SettingsOptions<T> {
  /** The file, for messages and for reading; undefined reads none. */
  readonly file: string | undefined;
  /** The whole configuration's form; unknown keys are faults. */
  readonly schema: z.ZodType<T>;
  /** Says a file of another form in the schema's, before anything is merged into it; undefined where it has the schema's. */
  readonly translate?: (file: Readonly<Record<string, unknown>>) => Translation | undefined;
  /** Prepares the merged raw values for the schema, for example by putting defaults under list entries. */
  readonly prepare?: (raw: Record<string, unknown>) => Record<string, unknown>;
  readonly environment: Environment;
  readonly variables: readonly EnvironmentSetting[];
  /** Values from the command line, by dotted path: the strongest. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** A configuration file may be at most this long, in bytes. */
const sizeLimit = 4 * 1024 * 1024;

/**
 * Reads a configuration: file, then environment, then command line, merged by convict and checked by the schema, which
 * also fills in the defaults. Frozen. A KubestackError `invalid-config` lists every fault at once.
 */
export async function loadSettings<T>(options: SettingsOptions<T>): Promise<T> {
  const name = options.file ?? "(no file)";
  const fromFile = options.file === undefined ? {} : await readYaml(options.file);
  // Convict knows the scalars that the environment may give; lists and their entries are the schema's.
  const given = convict(
    Object.fromEntries(
      options.variables.map(({ path, variable }) => [
        key(path),
        { format: "*", default: null as unknown, env: variable },
      ]),
    ),
    { env: { ...options.environment } as NodeJS.ProcessEnv },
  );
  const translated = options.translate?.(fromFile) ?? asItStands(fromFile);
  const raw = structuredClone(translated.values);
  for (const { path } of options.variables) {
    const value: unknown = given.get(key(path));
    if (value !== null && value !== "") put(raw, path, value);
  }
  for (const [path, value] of Object.entries(options.overrides ?? {})) if (value !== undefined) put(raw, path, value);
  const prepared = options.prepare?.(raw) ?? raw;
  const checked = options.schema.safeParse(prepared, { error: plainWords });
  const found = (checked.error?.issues ?? []).flatMap((issue) => faultsOf(issue, prepared, translated.written));
  const faults = [...translated.faults, ...unlessTold(found, translated.faults)];
  if (faults.length > 0 || !checked.success) throw faultsError(name, faults);
  return deepFreeze(checked.data);
}

function asItStands(values: Record<string, unknown>): Translation {
  return { values, faults: [], written: (path) => path };
}

/** What is told already, of the value itself or of what it stands in, is not told again; nor is the same fault twice. */
function unlessTold(found: readonly Fault[], told: readonly Fault[]): Fault[] {
  const places = new Set(told.map(({ path }) => path));
  const known = new Set<string>();
  return found.filter(({ path, message }) => {
    if (around(path).some((place) => places.has(place))) return false;
    const fault = `${path}\n${message}`;
    const isNew = !known.has(fault);
    known.add(fault);
    return isNew;
  });
}

/** A path, and those of everything that it stands in. */
function around(path: string): string[] {
  return [...Array.from(path.matchAll(/[.[]/g), ({ index }) => path.slice(0, index)), path];
}

/** Convict takes dots in a key for nesting; each variable is a flat key of its own. */
function key(path: string): string {
  return `variable:${path.replaceAll(".", "/")}`;
}

async function readYaml(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw faultsError(file, [
      { path: "", message: `can't be read (${sentenceOf(error)}); name it with --config FILE` },
    ]);
  }
  if (text.length > sizeLimit) throw faultsError(file, [{ path: "", message: "is longer than 4 MiB; split it up" }]);
  const read = readYamlText(text);
  if ("faults" in read)
    throw faultsError(
      file,
      read.faults.map(({ line, column, words }) => ({
        path: `line ${line}, column ${column}`,
        message: `${words}; correct the YAML`,
      })),
    );
  const value = contentOf(read.document, file);
  if (value === null || value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw faultsError(file, [{ path: "", message: "must hold keys and values; see docs/configuration.md" }]);
}

/** Aliases are followed only here: one that names nothing, or too many of them, shows no sooner. */
function contentOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    throw faultsError(file, [
      { path: "", message: `its aliases can't be followed (${sentenceOf(error)}); correct them` },
    ]);
  }
}

function put(root: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? path;
  let at = root;
  for (const step of keys) {
    const next = at[step];
    at[step] = typeof next === "object" && next !== null ? next : {};
    at = at[step] as Record<string, unknown>;
  }
  at[last] = value;
}

function faultsOf(issue: z.core.$ZodIssue, root: unknown, written: Translation["written"]): Fault[] {
  if (issue.code === "unrecognized_keys") {
    // Its value is not shown: it may be a secret whose key is misspelt.
    return issue.keys.map((unknown) => ({
      path: printPath(written([...issue.path, unknown])),
      message: issue.message.startsWith("Unrecognized")
        ? "is not a known key; correct its spelling or remove it (docs/configuration.md lists the keys)"
        : issue.message,
    }));
  }
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path: printPath(written(issue.path)), value: showValue(root, issue.path), message }];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
