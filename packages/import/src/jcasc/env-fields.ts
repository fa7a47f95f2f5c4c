import { mayHoldSecret } from "@kubestack/runtime";
import type { Json, JsonMap } from "@kubestack/templates";
import { flag, readFields, readList, said, text } from "../reading/fields.ts";
import { symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";

/** What our configuration takes for the name of a variable. */
const nameForm = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
/** The same for a variable of a node, where `PATH+NAME` is put in front of `PATH`. */
export const nodeNameForm = /^[A-Za-z_][A-Za-z0-9_.+-]*$/;

/** Reads `envVars`: plain variables and keys of Secrets, as Kubernetes writes them. A later one of a name wins. */
export function readEnv(value: Json, place: Place, form = nameForm): readonly JsonMap[] {
  const found = new Map<string, JsonMap>();
  readList(value, place, (one, at) => {
    const variable = readVariable(one, at, form);
    if (variable !== undefined) found.set(String(variable.name), variable);
  });
  return [...found.values()];
}

function readVariable(value: Json, place: Place, form: RegExp): JsonMap | undefined {
  // In a container's list old releases wrote the variable itself, without its kind.
  const isBare = typeof value === "object" && value !== null && "key" in value;
  const symbolic = isBare ? { symbol: "envVar", fields: value, place } : symbolOf(value, place);
  if (symbolic === undefined) {
    place.lost("no variable that is known here; it was left out");
    return undefined;
  }
  const read: { key?: string; value?: string; secretName?: string; secretKey?: string; optional?: boolean } = {};
  const at = symbolic.place;
  readFields(symbolic.fields, at, {
    key: text((key, inner) => {
      read.key = key;
      inner.exact("a variable's name");
    }),
    value: (said, inner) => {
      text((plain, here) => {
        read.value = plain;
        if (mayHoldSecret(read.key ?? "") || mayHoldSecret(keyOf(symbolic.fields)))
          here.changed(
            "its value stands in the result as it does here, though its name is a secret's: a Secret is better",
          );
        else here.exact("its value");
      })(said, inner);
    },
    secretName: text((name, inner) => {
      read.secretName = name;
      inner.exact("the Secret's name");
    }),
    secretKey: text((key, inner) => {
      read.secretKey = key;
      inner.exact("the Secret's key");
    }),
    optional: flag((is, inner) => {
      read.optional = is;
      inner.exact(is ? "the Secret may be missing" : "the Secret must be there");
    }),
  });
  if (read.key === undefined || !form.test(read.key)) {
    at.lost("no name that a variable can have; it was left out");
    return undefined;
  }
  const isOfSecret = read.secretName !== undefined && read.secretKey !== undefined;
  if (!isOfSecret) return { name: read.key, value: read.value ?? "" };
  const secretKeyRef = said({ name: read.secretName, key: read.secretKey, optional: read.optional });
  return { name: read.key, valueFrom: { secretKeyRef } };
}

function keyOf(fields: Json): string {
  return typeof fields === "object" && fields !== null && "key" in fields ? String(fields.key) : "";
}
