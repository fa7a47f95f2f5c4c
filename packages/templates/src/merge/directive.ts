import { isMap, type Json } from "./json.ts";

/** What a map, or an item of a list, says of itself: what the parent has here counts for nothing, or goes. */
export const directive = "$patch";
export type Directive = "replace" | "delete";

/** The item by which a list says that nothing of its parent's counts. */
export function isReplacement(item: Json): boolean {
  return isMap(item) && item[directive] === "replace" && Object.keys(item).length === 1;
}

/** Whether it says that what the parent has here goes. */
export function isDeleted(value: Json): boolean {
  return isMap(value) && value[directive] === "delete";
}
