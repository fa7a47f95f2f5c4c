import type { Json, JsonMap } from "@kubestack/templates";
import { readFields, readList, text } from "../reading/fields.ts";
import { kindOf, symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";
import { nodeNameForm, readEnv } from "./env-fields.ts";

const kinds = {
  envVars: "env",
  environmentVariablesNodeProperty: "env",
  toolLocation: "tool",
  toolLocationNodeProperty: "tool",
};

/** What the properties of a node come to here. */
export interface ReadNodeProperties {
  readonly env: JsonMap;
  /** Of the first property that names any: Jenkins heeds no other. */
  readonly tools: readonly JsonMap[];
}

/** So many tools a template may have. */
const mostTools = 100;

/** Reads `nodeProperties`: what a slave's node has, too, is the same; of other properties it has none. */
export function readNodeProperties(value: Json, place: Place): ReadNodeProperties {
  const env = new Map<string, Json>();
  let tools: readonly JsonMap[] = [];
  readList(value, place, (one, at) => {
    const symbolic = symbolOf(one, at);
    const kind = symbolic === undefined ? undefined : kindOf(symbolic.symbol, kinds, "NodeProperty");
    if (symbolic === undefined || kind === undefined) return at.lost("no property of a node that is known here");
    if (kind === "env")
      return readFields(symbolic.fields, symbolic.place, {
        env: (list, inner) => {
          for (const variable of readEnv(list, inner, nodeNameForm)) {
            if (variable.valueFrom !== undefined) inner.lost("a node's variable can't be of a Secret; it was left out");
            else env.set(String(variable.name), variable.value ?? "");
          }
        },
      });
    const found = readTools(symbolic.fields, symbolic.place);
    if (tools.length === 0) tools = found;
    else if (found.length > 0) symbolic.place.lost("Jenkins heeds the first tool locations of a node alone; left out");
  });
  return { env: Object.fromEntries(env), tools };
}

function readTools(value: Json, place: Place): readonly JsonMap[] {
  const found = new Map<string, JsonMap>();
  readFields(value, place, {
    locations: (list, at) =>
      readList(list, at, (one, inner) => {
        const tool = readTool(one, inner);
        if (tool === undefined) return;
        const key = JSON.stringify([tool.type, tool.name]);
        if (found.has(key)) inner.lost("a second place of the same tool; Jenkins takes the first one");
        else if (found.size === mostTools) inner.lost(`a template has at most ${mostTools} tools; it was left out`);
        else found.set(key, tool);
      }),
  });
  return [...found.values()];
}

/** The class of a tool's descriptor, as our configuration takes it. */
const typeForm = /^[A-Za-z_]\w*(?:[.$][A-Za-z_]\w*)+$/;
const oneLine = /^[^\p{Cc}]+$/u;

/** `{key, home}`: the key is the class of the tool's descriptor, an `@`, and the tool's name at the master. */
function readTool(value: Json, place: Place): JsonMap | undefined {
  const read: { type?: string; name?: string; home?: string } = {};
  readFields(value, place, {
    key: text((key, inner) => {
      const at = key.indexOf("@");
      const [type, name] = [key.slice(0, Math.max(0, at)), key.slice(at + 1)];
      if (!typeForm.test(type) || !oneLine.test(name))
        return inner.lost("must be the class of a tool's descriptor, @ and its name; the tool was left out");
      read.type = type;
      read.name = name;
      inner.exact("nodeProperties.tools: its type and name");
    }),
    home: text((home, inner) => {
      if (!oneLine.test(home)) return inner.lost("must be one line; the tool was left out");
      read.home = home;
      inner.exact("nodeProperties.tools: its home");
    }),
  });
  const { type, name, home } = read;
  if (type !== undefined && name !== undefined && home !== undefined) return { type, name, home };
  place.lost("needs key and home; it was left out");
  return undefined;
}
