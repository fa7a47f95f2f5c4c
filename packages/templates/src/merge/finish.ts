import { directive, isDeleted, isReplacement } from "./directive.ts";
import { type Fields, put } from "./fields.ts";
import { isList, type Json, type JsonMap } from "./json.ts";

/** What a layer comes to with nothing below it: everything that it deletes is away. */
export function finished(layer: JsonMap): JsonMap {
  return finishedMap(layer);
}

/** The same of anything in a layer. */
export function finishedValue(value: Json): Json {
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
