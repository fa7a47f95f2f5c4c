import { directive, isDeleted, isReplacement } from "./directive.ts";
import { type Fields, put } from "./fields.ts";
import { finishedValue } from "./finish.ts";
import { isList, isMap, type Json, type JsonMap } from "./json.ts";
import { droppedBy, keyOf } from "./merge.ts";
import { noRule, podRule, type Rule, ruleOf } from "./rule.ts";

/**
 * What a layer makes of a pod that is finished: the same as `finished(merged(pod, layer))`, at the cost of the layer alone. What
 * it says nothing of, which is most of a pod, is not even looked at.
 */
export const laidOver = laying(finishedValue);

/** The same where the layer is finished, too: what it says by itself is not looked at either. */
export const finishedOver = laying((value) => value);

function laying(finish: (value: Json) => Json): (pod: JsonMap, layer: JsonMap) => JsonMap {
  function laidMap(under: JsonMap, over: JsonMap, rule: Rule): Json {
    if (over[directive] !== undefined) return finish(over);
    const fields: Fields = { ...under };
    for (const dropped of droppedBy(under, over, rule)) delete fields[dropped];
    for (const [name, value] of Object.entries(over)) {
      if (value === null || isDeleted(value)) delete fields[name];
      else
        put(fields, name, laidValue(Object.hasOwn(fields, name) ? fields[name] : undefined, value, ruleOf(rule, name)));
    }
    return fields;
  }

  function laidValue(under: Json | undefined, over: Json, rule: Rule): Json {
    if (isMap(under) && isMap(over)) return laidMap(under, over, rule);
    if (isList(under) && isList(over) && rule.by !== undefined) return laidList(under, over, rule);
    return finish(over);
  }

  function laidList(under: readonly Json[], over: readonly Json[], rule: Rule): Json {
    if (over.some(isReplacement)) return finish(over);
    // What says no key is its own.
    const items = new Map<unknown, Json>();
    for (const value of under) items.set(keyOf(value, rule) ?? value, value);
    for (const value of over) {
      const key = keyOf(value, rule) ?? value;
      if (isDeleted(value)) items.delete(key);
      else items.set(key, laidValue(items.get(key), value, rule.item ?? noRule));
    }
    return [...items.values()];
  }

  return (pod, layer) => laidMap(pod, layer, podRule) as JsonMap;
}
