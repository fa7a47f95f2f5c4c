/** What YAML and JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
/** A map of it. */
export interface JsonMap {
  readonly [key: string]: Json;
}

/** Whether it is a map, and neither a list nor null. */
export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** It where it is a map, else an empty one. */
export function mapOf(value: Json | undefined): JsonMap {
  return isMap(value) ? value : {};
}

/** The maps in it where it is a list, else none. */
export function mapsIn(value: Json | undefined): readonly JsonMap[] {
  return isList(value) ? value.filter(isMap) : [];
}
