import type { Json, JsonMap } from "@kubestack/templates";
import { readFields, readList } from "../reading/fields.ts";
import { kindOf, symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";
import { readEnv } from "./env-fields.ts";

const kinds = {
  envVars: "env",
  environmentVariablesNodeProperty: "env",
  toolLocation: "tool",
  toolLocationNodeProperty: "tool",
};

/** Reads `nodeProperties`: variables of a node are what its agent's container has; of other properties a slave has none. */
export function readNodeProperties(value: Json, place: Place): readonly JsonMap[] {
  const found: JsonMap[] = [];
  readList(value, place, (one, at) => {
    const symbolic = symbolOf(one, at);
    const kind = symbolic === undefined ? undefined : kindOf(symbolic.symbol, kinds, "NodeProperty");
    if (symbolic !== undefined && kind === "env") {
      symbolic.place.changed("variables of the agent's container, from which its builds have them");
      readFields(symbolic.fields, symbolic.place, {
        env: (list, inner) => void found.push(...readEnv(list, inner)),
      });
    } else if (kind === "tool")
      at.lost("write them by hand into the template's nodeProperties (docs/configuration.md)");
    else at.lost("no property of a node that is known here");
  });
  return found;
}
