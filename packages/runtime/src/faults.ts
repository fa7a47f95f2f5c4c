import { KubestackError } from "@kubestack/contracts";
import { censored, mayHoldSecret } from "./censor.ts";

/** One thing that is wrong in a configuration file. */
export interface Fault {
  /** For example `masters[0].agentUrl`; empty for the file as a whole. */
  readonly path: string;
  /** What stands there, shortened; undefined where nothing does, or where it might be a secret. */
  readonly value?: string | undefined;
  /** The rule and the remedy, as one sentence without a full stop. */
  readonly message: string;
}

/** A path of keys and positions as people write it. */
export function printPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

/** The value at a path, in one short line; secrets are never shown. */
export function showValue(root: unknown, path: readonly PropertyKey[]): string | undefined {
  if (path.some((key) => mayHoldSecret(String(key)))) return undefined;
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    root,
  );
  if (value === undefined) return undefined;
  const shown = censored(value);
  const text = typeof shown === "string" ? shown : JSON.stringify(shown);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Every fault of a file as one error: all at once, each with path, value, rule and remedy. */
export function faultsError(file: string, faults: readonly Fault[]): KubestackError {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  const lines = faults.map(({ path, value, message }) => {
    const shown = value === undefined ? "" : ` = ${value}`;
    return `  ${path === "" ? "(file)" : path}${shown}\n      ${message}`;
  });
  return new KubestackError("invalid-config", `${file}: ${count}\n${lines.join("\n")}`, { retry: "never" });
}
