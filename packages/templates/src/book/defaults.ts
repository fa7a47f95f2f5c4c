import type { JsonMap } from "../merge/json.ts";
import { merged } from "../merge/merge.ts";

/** Keys of a template that its heirs do not have from it. */
const neverInherited: readonly string[] = ["labels", "unlabelled"];

/**
 * Puts `defaults.template` under an entry. One that stands on others has the defaults from them, below what they say; only what
 * is never inherited it has itself. Either may be anything: the schema finds fault with what is none.
 */
export function entryOver(defaults: unknown, entry: unknown): unknown {
  if (!isObject(defaults) || !isObject(entry)) return entry;
  const isHeir = Array.isArray(entry.inheritFrom) && entry.inheritFrom.length > 0;
  const known = Object.entries(defaults).filter(([key]) => !isHeir || neverInherited.includes(key));
  const whole = keysOver(Object.fromEntries(known), entry);
  if (isHeir) return whole;
  const [below, above] = [defaults.pod, entry.pod];
  return isObject(below) && isObject(above) ? { ...whole, pod: merged(below as JsonMap, above as JsonMap) } : whole;
}

/** What stands above is stronger; maps are put together one key deep. */
export function keysOver(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const whole: Record<string, unknown> = { ...below, ...above };
  for (const [key, value] of Object.entries(above))
    if (isObject(value) && isObject(below[key])) whole[key] = { ...below[key], ...value };
  return whole;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
