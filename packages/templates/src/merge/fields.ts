import type { Json } from "./json.ts";

/** A map that is being made. */
export type Fields = Record<string, Json>;

/** Whatever the name is, it becomes a field of the map's own. */
export function put(fields: Fields, name: string, value: Json): void {
  if (name === "__proto__") Object.defineProperty(fields, name, { ...plainField, value });
  else fields[name] = value;
}

const plainField = { enumerable: true, configurable: true, writable: true } as const;
