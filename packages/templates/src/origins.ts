import { directive, isReplacement } from "./merge/directive.ts";
import { isList, isMap, type Json, type JsonMap } from "./merge/json.ts";
import { keyOf } from "./merge/merge.ts";
import { podRule, type Rule, ruleOf } from "./merge/rule.ts";
import type { Layer, Owner } from "./pod-layers.ts";

/** One value of a pod, and who says it. */
export interface Origin {
  /** Where, an item of a merged list by what it is known by: `spec.containers[jnlp].image`. */
  readonly path: string;
  /** The same by fields and positions, as the pod itself has it. */
  readonly at: readonly (string | number)[];
  readonly value: Json;
  /** Undefined where no layer says it. */
  readonly of: Owner | undefined;
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
  readonly at: string | number;
  readonly value: Json;
}

type Place = Pick<Origin, "path" | "at">;

/** Every value of a pod that was merged from these layers, in the pod's order, with the highest layer that says it. */
export function originsOf(pod: JsonMap, layers: readonly Layer[]): readonly Origin[] {
  function walk(value: Json, steps: readonly Step[], { path, at }: Place): readonly Origin[] {
    const parts = partsOf(value, steps.at(-1)?.rule ?? podRule);
    if (parts.length > 0)
      return parts.flatMap((part) =>
        walk(part.value, [...steps, part.step], { path: path + part.path, at: [...at, part.at] }),
      );
    return [{ path: path.slice(1), at, value, of: ownerOf(steps, layers) }];
  }
  return walk(pod, [], { path: "", at: [] });
}

/** Empty: the value is one whole. */
function partsOf(value: Json, rule: Rule): readonly Part[] {
  if (isMap(value))
    return Object.entries(value).map(([field, within]) => ({
      step: { field, rule: ruleOf(rule, field) },
      path: field.includes(".") ? `[${field}]` : `.${field}`,
      at: field,
      value: within,
    }));
  if (!isList(value) || rule.by === undefined) return [];
  return value.flatMap((item, at) => {
    const key = keyOf(item, rule);
    if (key === undefined) return [];
    return [{ step: { key, rule: rule.item ?? {} }, path: `[${keyWords(key, rule)}]`, at, value: item }];
  });
}

function keyWords(key: string, { by = [] }: Rule): string {
  if (by.length === 1) return key;
  return (JSON.parse(key) as string[]).filter((word) => word !== "").join(",");
}

/** What somebody deleted and nobody said again is there only because it was restricted. */
function ownerOf(steps: readonly Step[], layers: readonly Layer[]): Owner | undefined {
  const highest = layers.findLast(({ layer }) => wordOn(layer, steps) !== "none");
  if (highest === undefined || wordOn(highest.layer, steps) === "says") return highest?.of;
  return layers.find(({ of }) => of.by === "restricted")?.of;
}

/** What a layer has to say of a place: a value, that whatever is below counts for nothing, or nothing. */
function wordOn(layer: JsonMap, steps: readonly Step[]): "says" | "deletes" | "none" {
  let value: Json | undefined = layer;
  let rule: Rule = podRule;
  let isReplaced = false;
  for (const { field, key, rule: next } of steps) {
    if (field !== undefined) value = isMap(value) && Object.hasOwn(value, field) ? value[field] : undefined;
    else if (isList(value)) {
      isReplaced ||= value.some(isReplacement);
      value = itemOf(value, key, rule);
    } else value = undefined;
    rule = next;
    if (value === undefined) return isReplaced ? "deletes" : "none";
    if (value === null || (isMap(value) && value[directive] === "delete")) return "deletes";
    isReplaced ||= isMap(value) && value[directive] === "replace";
  }
  return "says";
}

function itemOf(list: readonly Json[], key: string | undefined, rule: Rule): Json | undefined {
  return list.find((one) => keyOf(one, rule) === key);
}
