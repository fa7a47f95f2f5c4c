import { directive, isReplacement } from "./directive.ts";
import { type Fields, put } from "./fields.ts";
import { isList, isMap, type Json, type JsonMap } from "./json.ts";
import { noRule, podRule, type Rule, ruleOf } from "./rule.ts";

/**
 * A child's layer over its parent's, as one layer: what it deletes stays in it, as `null` or a directive, so that layers may
 * be put together before the one that they stand on is known; `finished` takes it away. Both must be sound (`faultsOf`). The
 * order of a list is the parent's, and what is new follows.
 */
export function merged(parent: JsonMap, child: JsonMap, rule: Rule = podRule): JsonMap {
  return mergedMap(parent, child, rule);
}

function mergedValue(parent: Json | undefined, child: Json, rule: Rule): Json {
  if (parent === undefined) return child;
  if (isMap(parent) && isMap(child)) return mergedMap(parent, child, rule);
  if (isList(parent) && isList(child) && rule.by !== undefined) return mergedList(parent, child, rule);
  // Where its parent deleted what was there, or had something of another kind, what is further below counts for nothing.
  if (isMap(child)) return { [directive]: "replace", ...child };
  if (isList(child) && rule.by !== undefined) return [{ [directive]: "replace" }, ...child.filter(isNoReplacement)];
  return child;
}

function mergedMap(parent: JsonMap, child: JsonMap, rule: Rule): JsonMap {
  if (child[directive] !== undefined) return child;
  const fields: Fields = parent[directive] === "delete" ? { [directive]: "replace" } : { ...parent };
  for (const dropped of droppedBy(parent, child, rule)) put(fields, dropped, null);
  for (const [name, value] of Object.entries(child)) {
    const below = Object.hasOwn(fields, name) ? fields[name] : undefined;
    put(fields, name, mergedValue(below, value, ruleOf(rule, name)));
  }
  return fields;
}

/** The fields of the parent that can't stand beside what the child chooses. */
export function droppedBy(parent: JsonMap, child: JsonMap, rule: Rule): string[] {
  if (rule.isChoice !== true && rule.oneOf === undefined) return [];
  const isAlternative = (name: string) =>
    rule.isChoice === true
      ? name !== directive && rule.by?.includes(name) !== true
      : rule.oneOf?.includes(name) === true;
  const chosen = Object.keys(child).filter((name) => isAlternative(name) && child[name] !== null);
  if (chosen.length === 0) return [];
  return Object.keys(parent).filter((name) => isAlternative(name) && !chosen.includes(name));
}

function mergedList(parent: readonly Json[], child: readonly Json[], rule: Rule): Json {
  if (child.some(isReplacement)) return child;
  // What says no key is its own.
  const items = new Map<unknown, Json>();
  for (const value of parent) items.set(keyOf(value, rule) ?? value, value);
  for (const value of child) {
    const key = keyOf(value, rule) ?? value;
    items.set(key, mergedValue(items.get(key), value, rule.item ?? noRule));
  }
  return [...items.values()];
}

function isNoReplacement(item: Json): boolean {
  return !isReplacement(item);
}

/** By what an item is known among its list's; undefined where it does not say. */
export function keyOf(item: Json, { by = [], usual = {} }: Rule): string | undefined {
  if (!isMap(item) || isReplacement(item)) return undefined;
  if (by.length === 1) {
    const [only = ""] = by;
    const value = item[only] ?? usual[only];
    return value === undefined ? undefined : String(value);
  }
  const values = by.map((name) => item[name] ?? usual[name]);
  return values.includes(undefined) ? undefined : JSON.stringify(values.map(String));
}
