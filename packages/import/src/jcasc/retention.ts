import type { Json } from "@kubestack/templates";
import { textOf } from "../reading/fields.ts";
import { kindOf, symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";

const kinds = { default: "default", never: "never", onFailure: "onFailure", always: "always", evicted: "evicted" };
export type Retention = keyof typeof kinds;

/** What to do where pods are to be kept, in words: here they are stopped, and kept for a time only, so nobody gets it unasked. */
export function retentionRemedy(retention: Retention): string {
  if (retention === "evicted") return "a pod that is evicted is not kept";
  return `write it by hand: retain: ${retention}; pods are stopped, and kept for retainFor, 1h`;
}

/** Reads which pods the plugin keeps; what becomes of it is told by whoever knows. */
export function retentionOf(value: Json, place: Place): Retention | undefined {
  const symbolic = symbolOf(value, place);
  const found = symbolic === undefined ? undefined : kindOf(symbolic.symbol, kinds, "PodRetention");
  if (found === undefined)
    place.lost(`no retention that is known here (${textOf(value) ?? "a map"}); pods go after their build`);
  return found as Retention | undefined;
}
