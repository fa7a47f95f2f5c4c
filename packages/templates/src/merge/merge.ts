import { isList, isMap, type Json, type JsonMap } from "./json.ts";
import { podRule, type Rule, ruleOf } from "./rule.ts";

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
  if (isList(parent) && isList(child) && rule.by !== undefined)
    return mergedList(parent, child, { ...rule, by: rule.by });
  // Where its parent deleted what was there, or had something of another kind, what is further below counts for nothing.
  if (isMap(child)) return { [directive]: "replace", ...child };
  if (isList(child) && rule.by !== undefined) return [{ [directive]: "replace" }, ...child.filter(isNoReplacement)];
  return child;
}

function mergedMap(parent: JsonMap, child: JsonMap, rule: Rule): JsonMap {
  if (child[directive] !== undefined) return child;
  const fields = new Map<string, Json>(Object.entries(parent));
  if (parent[directive] === "delete") {
    fields.clear();
    fields.set(directive, "replace");
  }
  for (const dropped of droppedBy(parent, child, rule)) fields.set(dropped, null);
  for (const [name, value] of Object.entries(child))
    fields.set(name, mergedValue(fields.get(name), value, ruleOf(rule, name)));
  return Object.fromEntries(fields);
}

/** The fields of the parent that can't stand beside what the child chooses. */
function droppedBy(parent: JsonMap, child: JsonMap, rule: Rule): string[] {
  const known = new Set([...(rule.by ?? []), directive]);
  const isAlternative = (name: string) =>
    rule.isChoice === true ? !known.has(name) : rule.oneOf?.includes(name) === true;
  const chosen = Object.keys(child).filter((name) => isAlternative(name) && child[name] !== null);
  if (chosen.length === 0) return [];
  return Object.keys(parent).filter((name) => isAlternative(name) && !chosen.includes(name));
}

function mergedList(parent: readonly Json[], child: readonly Json[], rule: Rule & { by: readonly string[] }): Json {
  if (child.some(isReplacement)) return child;
  const item: Rule = { ...rule.item, by: rule.by };
  const items = new Map(parent.map((value, at) => [keyOf(value, rule) ?? `${at}`, value]));
  for (const value of child) {
    const key = keyOf(value, rule) ?? "";
    items.set(key, mergedValue(items.get(key), value, item));
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
  const values = by.map((name) => item[name] ?? usual[name]);
  return values.includes(undefined) ? undefined : JSON.stringify(values.map(String));
}

function finishedValue(value: Json): Json {
  if (isMap(value)) return finishedMap(value);
  if (!isList(value)) return value;
  return value
    .filter((item) => !isReplacement(item) && !(isMap(item) && item[directive] === "delete"))
    .map(finishedValue);
}

function finishedMap(map: JsonMap): JsonMap {
  const left = Object.entries(map).filter(
    ([name, value]) => name !== directive && value !== null && !(isMap(value) && value[directive] === "delete"),
  );
  return Object.fromEntries(left.map(([name, value]) => [name, finishedValue(value)]));
}
