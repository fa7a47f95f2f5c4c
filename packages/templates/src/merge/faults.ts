import { directive, isReplacement } from "./directive.ts";
import { isList, isMap, type Json, type JsonMap } from "./json.ts";
import { keyOf } from "./merge.ts";
import { podRule, type Rule, ruleOf } from "./rule.ts";

/** What is wrong with a layer, where: names of fields and positions in lists. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A layer has at most so many values, and so many levels. A pod of Kubernetes' own limits has fewer. */
export const mostValues = 20_000;
export const mostLevels = 32;
/** No more faults than this are told of one layer. */
const mostFaults = 20;

/** What keeps a layer from being merged; empty: nothing. Whether it makes a pod is the API server's to say. */
export function faultsOf(layer: JsonMap, rule: Rule = podRule): readonly Fault[] {
  const found: Fault[] = [];
  let values = 0;

  function check(value: Json, path: readonly (string | number)[], of: Rule): void {
    values += 1;
    if (values > mostValues || found.length >= mostFaults) return;
    if (path.length > mostLevels) {
      found.push({ path, message: `is nested deeper than ${mostLevels} levels; flatten it` });
    } else if (isMap(value)) checkMap(value, path, of);
    else if (isList(value)) checkList(value, path, of);
  }

  function checkMap(map: JsonMap, path: readonly (string | number)[], of: Rule): void {
    for (const [name, value] of Object.entries(map)) {
      const at = [...path, name];
      if (name === directive) found.push(...directiveFault(value, at));
      else if (name === "__proto__") found.push({ path: at, message: "is no field of a pod; remove it" });
      else check(value, at, ruleOf(of, name));
    }
  }

  function checkList(list: readonly Json[], path: readonly (string | number)[], of: Rule): void {
    const places = new Map<string, number>();
    list.forEach((item, at) => {
      const fault = of.by === undefined ? plainFault(item) : (formFault(item, of.by, of) ?? clash(item, of, places));
      if (fault !== undefined) found.push({ path: [...path, at], message: fault });
      const key = keyOf(item, of);
      if (key !== undefined && !places.has(key)) places.set(key, at);
      check(item, [...path, at], of.item ?? {});
    });
  }

  check(layer, [], rule);
  if (values > mostValues) return [{ path: [], message: `has more than ${mostValues} values; shorten it` }];
  return found.slice(0, mostFaults);
}

function directiveFault(value: Json, path: readonly (string | number)[]): Fault[] {
  return value === "replace" || value === "delete" ? [] : [{ path, message: "must be replace or delete; correct it" }];
}

function plainFault(item: Json): string | undefined {
  return item === null ? "must not be null: a list like this is given whole; leave it out" : undefined;
}

function formFault(item: Json, by: readonly string[], rule: Rule): string | undefined {
  if (!isMap(item)) return `must be a map with ${by.join(" and ")}; correct it`;
  if (isReplacement(item) || keyOf(item, rule) !== undefined) return undefined;
  const missing = by.filter((name) => (item[name] ?? rule.usual?.[name]) === undefined);
  return `says no ${missing.join(" and ")}, by which its like are merged; add it`;
}

function clash(item: Json, rule: Rule, places: ReadonlyMap<string, number>): string | undefined {
  const before = places.get(keyOf(item, rule) ?? "");
  if (before === undefined || !isMap(item)) return undefined;
  const known = (rule.by ?? []).filter((name) => item[name] !== undefined);
  const same = known.map((name) => `${name} ${String(item[name])}`).join(" and ");
  return `has the same ${same} as entry ${before}; give it another, or make them one`;
}
