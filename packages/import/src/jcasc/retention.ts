import type { Json } from "@kubestack/templates";
import { textOf } from "../reading/fields.ts";
import { kindOf, symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";

const kinds = { default: "default", never: "never", onFailure: "onFailure", always: "always", evicted: "evicted" };
export type Retention = keyof typeof kinds;

/** Reads which pods the plugin keeps; what becomes of it is told by whoever knows. */
export function retentionOf(value: Json, place: Place): Retention | undefined {
  const symbolic = symbolOf(value, place);
  const found = symbolic === undefined ? undefined : kindOf(symbolic.symbol, kinds, "PodRetention");
  if (found === undefined)
    place.lost(`no retention that is known here (${textOf(value) ?? "a map"}); pods go after their build`);
  return found as Retention | undefined;
}
