import { isList, isMap, type Json, type JsonMap } from "./json.ts";
import { noRule, podRule, type Rule, ruleOf } from "./rule.ts";

/** What a map, or an item of a list, says of itself: what the parent has here counts for nothing, or goes. */
export const directive = "$patch";
export type Directive = "replace" | "delete";

/**
 * A child's layer over its parent's, as one layer: what it deletes stays in it, as `null` or a directive, so that layers may
 * be put together before the one that they stand on is known. Both must be sound (`faultsOf`). The order of a list is the
 * parent's, and what is new follows.
 */
export function merged(parent: JsonMap, child: JsonMap, rule: Rule = podRule): JsonMap {
  return mergedMap(parent, child, rule);
}

/** What a layer comes to with nothing below it: everything that it deletes is away. */
export function finished(layer: JsonMap): JsonMap {
  return finishedMap(layer);
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

/** A map that is being made. */
type Fields = Record<string, Json>;

/** Whatever the name is, it becomes a field of the map's own. */
function put(fields: Fields, name: string, value: Json): void {
  if (name === "__proto__") Object.defineProperty(fields, name, { ...plainField, value });
  else fields[name] = value;
}

const plainField = { enumerable: true, configurable: true, writable: true } as const;

/** The fields of the parent that can't stand beside what the child chooses. */
function droppedBy(parent: JsonMap, child: JsonMap, rule: Rule): string[] {
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

/** The item by which a list says that nothing of its parent's counts. */
export function isReplacement(item: Json): boolean {
  return isMap(item) && item[directive] === "replace" && Object.keys(item).length === 1;
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

function finishedValue(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  return isList(value) ? finishedList(value) : finishedMap(value as JsonMap);
}

/** What deletes nothing in all its depth is the very same list or map: most of a pod is, and is not copied. */
function finishedList(list: readonly Json[]): readonly Json[] {
  let left: Json[] | undefined;
  for (let at = 0; at < list.length; at += 1) {
    const item = list[at] as Json;
    const isLeft = !isReplacement(item) && !isDeleted(item);
    const inner = isLeft ? finishedValue(item) : null;
    if (left === undefined && (!isLeft || inner !== item)) left = list.slice(0, at);
    if (isLeft) left?.push(inner);
  }
  return left ?? list;
}

function finishedMap(map: JsonMap): JsonMap {
  const names = Object.keys(map);
  let left: Fields | undefined;
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] as string;
    const value = map[name] as Json;
    const isLeft = name !== directive && value !== null && !isDeleted(value);
    const inner = isLeft ? finishedValue(value) : null;
    if (left === undefined && (!isLeft || inner !== value)) {
      left = {};
      for (const before of names.slice(0, at)) put(left, before, map[before] as Json);
    }
    if (isLeft && left !== undefined) put(left, name, inner);
  }
  return left ?? map;
}

function isDeleted(value: Json): boolean {
  return isMap(value) && value[directive] === "delete";
}
