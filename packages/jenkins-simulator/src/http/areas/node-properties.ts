import type { NodeProperties } from "../../core/node.ts";
import { escapeXml } from "../answer.ts";

/** The bag of a node's form: each member is named after its class. */
export interface NodePropertiesForm {
  readonly "hudson-slaves-EnvironmentVariablesNodeProperty"?: { readonly env?: NodeProperties["env"] };
  readonly "hudson-tools-ToolLocationNodeProperty"?: { readonly locations?: NodeProperties["tools"] };
}

/** A master passes over what it has no class for, and over all where the bag is not told to be one. */
export function propertiesOfForm(form: NodePropertiesForm = {}): NodeProperties {
  if (!("stapler-class-bag" in form)) return { env: [], tools: [] };
  return {
    env: form["hudson-slaves-EnvironmentVariablesNodeProperty"]?.env ?? [],
    tools: form["hudson-tools-ToolLocationNodeProperty"]?.locations ?? [],
  };
}

/** As a node's file has them. */
export function propertiesXml({ env, tools }: NodeProperties): string {
  const text = (value: string) => `<string>${escapeXml(value)}</string>`;
  const variables = env.map(({ key, value }) => text(key) + text(value)).join("");
  const locations = tools.map(({ key, home }) => {
    const [type = "", ...name] = key.split("@");
    const fields = { type, name: name.join("@"), home };
    const elements = Object.entries(fields).map(([field, value]) => `<${field}>${escapeXml(value)}</${field}>`);
    return `<hudson.tools.ToolLocationNodeProperty_-ToolLocation>${elements.join("")}</hudson.tools.ToolLocationNodeProperty_-ToolLocation>`;
  });
  const properties = [
    ...(env.length > 0
      ? [
          `<hudson.slaves.EnvironmentVariablesNodeProperty><envVars><tree-map><int>${env.length}</int>${variables}</tree-map></envVars></hudson.slaves.EnvironmentVariablesNodeProperty>`,
        ]
      : []),
    ...(tools.length > 0
      ? [
          `<hudson.tools.ToolLocationNodeProperty><locations>${locations.join("")}</locations></hudson.tools.ToolLocationNodeProperty>`,
        ]
      : []),
  ];
  return `<nodeProperties>${properties.join("")}</nodeProperties>`;
}
