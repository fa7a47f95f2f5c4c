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
