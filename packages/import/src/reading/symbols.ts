import { isMap, type Json, type JsonMap, mapOf } from "@kubestack/templates";
import type { Place } from "../report/report.ts";

/** One of several kinds of a thing, as Jenkins' configuration-as-code writes it. */
export interface Symbolic {
  /** The kind's name as it is written. */
  readonly symbol: string;
  /** What it says of itself; empty where only its name is given. */
  readonly fields: Json;
  readonly place: Place;
}

/** `never`, `{never: {}}` or `{$class: …Never}`; undefined where it is none of these. */
export function symbolOf(value: Json, place: Place): Symbolic | undefined {
  if (typeof value === "string") return { symbol: value, fields: {}, place };
  if (!isMap(value)) return undefined;
  const { $class: name, ...fields } = value;
  if (typeof name === "string") return { symbol: name, fields, place };
  const [[symbol, inner] = [], ...others] = Object.entries(value);
  if (symbol === undefined || inner === undefined || others.length > 0) return undefined;
  return { symbol, fields: inner ?? {}, place: place.inner(symbol) };
}

/**
 * The kind that a symbol means. Jenkins takes the name that a kind gives itself, or its class' name, with or without the name
 * of what it is a kind of: `emptyDirWorkspaceVolume`, `EmptyDirWorkspaceVolume`, `emptyDir`.
 */
export function kindOf<T>(symbol: string, kinds: Readonly<Record<string, T>>, family: string): T | undefined {
  const plain = simple(symbol);
  const names = [plain, `${plain}${family.toLowerCase()}`];
  const found = Object.entries(kinds).find(([name]) => names.includes(name.toLowerCase()));
  return found?.[1];
}

/** A class' name without its package, in lower case. */
function simple(symbol: string): string {
  return (symbol.split(/[.$]/).at(-1) ?? symbol).toLowerCase();
}

/** The map at a key that may be missing. */
export function mapAt(map: JsonMap, key: string): JsonMap {
  return mapOf(map[key]);
}
