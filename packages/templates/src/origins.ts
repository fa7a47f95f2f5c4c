import { isList, isMap, type Json, type JsonMap } from "./merge/json.ts";
import { directive, keyOf } from "./merge/merge.ts";
import { podRule, type Rule, ruleOf } from "./merge/rule.ts";
import type { Layer } from "./pod-layers.ts";

/** One value of a pod, and who says it. */
export interface Origin {
  /** Where, an item of a merged list by what it is known by: `spec.containers[jnlp].image`. */
  readonly path: string;
  readonly value: Json;
  /** The template whose word it is; null: KubeStack's own. */
  readonly of: string | null;
}

/** Where a value is: a field, or an item that is known by this key, with the rule of what is there. */
interface Step {
  readonly field?: string;
  readonly key?: string;
  readonly rule: Rule;
}

/** A part of a map, or of a list that is merged by keys. */
interface Part {
  readonly step: Step;
  readonly path: string;
  readonly value: Json;
}

/** Every value of a pod that was merged from these layers, in the pod's order, with the highest layer that says it. */
export function originsOf(pod: JsonMap, layers: readonly Layer[]): readonly Origin[] {
  function walk(value: Json, steps: readonly Step[], path: string): readonly Origin[] {
    const parts = partsOf(value, steps.at(-1)?.rule ?? podRule);
    if (parts.length > 0) return parts.flatMap((part) => walk(part.value, [...steps, part.step], path + part.path));
    const owner = layers.findLast(({ layer }) => isSaid(layer, steps));
    return [{ path: path.slice(1), value, of: owner?.of ?? null }];
  }
  return walk(pod, [], "");
}

/** Empty: the value is one whole. */
function partsOf(value: Json, rule: Rule): readonly Part[] {
  if (isMap(value))
    return Object.entries(value).map(([field, within]) => ({
      step: { field, rule: ruleOf(rule, field) },
      path: `.${field}`,
      value: within,
    }));
  if (!isList(value) || rule.by === undefined) return [];
  return value.flatMap((item) => {
    const key = keyOf(item, rule);
    return key === undefined ? [] : [{ step: { key, rule: rule.item ?? {} }, path: `[${keyWords(key)}]`, value: item }];
  });
}

function keyWords(key: string): string {
  return (JSON.parse(key) as string[]).filter((word) => word !== "").join(",");
}

/** Whether a layer says something there that is in the end not deleted. */
function isSaid(layer: JsonMap, steps: readonly Step[]): boolean {
  let value: Json | undefined = layer;
  let rule: Rule = podRule;
  for (const { field, key, rule: next } of steps) {
    if (field !== undefined) value = isMap(value) && Object.hasOwn(value, field) ? value[field] : undefined;
    else value = isList(value) ? itemOf(value, key, rule) : undefined;
    rule = next;
    if (value === undefined || value === null) return false;
  }
  return true;
}

function itemOf(list: readonly Json[], key: string | undefined, rule: Rule): Json | undefined {
  const item = list.find((one) => keyOf(one, rule) === key);
  return isMap(item) && item[directive] === "delete" ? undefined : item;
}
