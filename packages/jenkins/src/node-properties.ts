import { KubestackError } from "@kubestack/contracts";

/** What a node carries beside its labels. */
export interface NodeProperties {
  /** Variables that the master gives to each build there. Anybody who may see the node's configuration sees them. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the master's tools are there: `type` is the class of the tool's descriptor, `name` that of the installation. */
  readonly tools: readonly { readonly type: string; readonly name: string; readonly home: string }[];
}

/** As members of a form's bag: each is named after its class, with dashes for dots. Known to every generation since Hudson 1.286. */
export function propertiesForm({ env, tools }: NodeProperties): Readonly<Record<string, unknown>> {
  const variables = Object.entries(env).map(([key, value]) => ({ key, value }));
  const locations = tools.map(({ type, name, home }) => ({ key: `${type}@${name}`, home }));
  return {
    ...(variables.length > 0 ? { "hudson-slaves-EnvironmentVariablesNodeProperty": { env: variables } } : {}),
    ...(locations.length > 0 ? { "hudson-tools-ToolLocationNodeProperty": { locations } } : {}),
  };
}

/**
 * As the Swarm plugin takes them: a name, a colon, what stands for it. It finds tools by their names alone, so that a name is every
 * tool's that has it. Raises master-refused, not to be tried again, for a tool whose name has a colon.
 */
export function swarmParameters({ env, tools }: NodeProperties): Readonly<Record<string, readonly string[]>> {
  const unsayable = tools.find(({ name }) => name.includes(":"));
  if (unsayable !== undefined)
    throw new KubestackError(
      "master-refused",
      `The Swarm plugin takes no tool whose name has a colon (${unsayable.name}); rename it at the master, or attach inbound.`,
      { retry: "never" },
    );
  return {
    environmentVariable: Object.entries(env).map(([name, value]) => `${name}:${value}`),
    toolLocation: tools.map(({ name, home }) => `${name}:${home}`),
  };
}
