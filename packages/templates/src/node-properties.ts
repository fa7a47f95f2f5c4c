import { z } from "zod";

/** Where a tool of the master's is found on the slave. */
export interface ToolHome {
  /** The class of the tool's descriptor, by which masters know it. */
  readonly type: string;
  /** The installation's name in the master's tool configuration. */
  readonly name: string;
  readonly home: string;
}

/** What the master is told of a slave's node beside its labels. */
export interface NodeProperties {
  /** Variables that the master gives to each build there. */
  readonly env: Readonly<Record<string, string>>;
  readonly tools: readonly ToolHome[];
}

/** The descriptors of usual tools, by the word that a pipeline's `tools` block has for each. */
const usualTools: Readonly<Record<string, string>> = {
  ant: "hudson.tasks.Ant$AntInstallation$DescriptorImpl",
  git: "hudson.plugins.git.GitTool$DescriptorImpl",
  gradle: "hudson.plugins.gradle.GradleInstallation$DescriptorImpl",
  jdk: "hudson.model.JDK$DescriptorImpl",
  maven: "hudson.tasks.Maven$MavenInstallation$DescriptorImpl",
  nodejs: "jenkins.plugins.nodejs.tools.NodeJSInstallation$DescriptorImpl",
};

const typeRule = `must be one of ${Object.keys(usualTools).join(", ")}, or the class of a tool's descriptor, such as hudson.model.JDK$DescriptorImpl; correct it`;

const toolType = z
  .string({ error: typeRule })
  .refine((type) => Object.hasOwn(usualTools, type) || /^[A-Za-z_]\w*(?:[.$][A-Za-z_]\w*)+$/.test(type), typeRule)
  .transform((type) => (Object.hasOwn(usualTools, type) ? (usualTools[type] ?? type) : type));

const isOneLine = /^[^\p{Cc}]+$/u;

/** As it is written. Null takes away what the parents say of a variable, or of where a tool is. */
export const nodePropertiesSchema = z.strictObject({
  /** Names may hold a `+`: the master puts `PATH+NAME` in front of the `PATH` that is there. */
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_.+-]*$/, "is no name of an environment variable; correct it"),
      z
        .union([z.string(), z.number(), z.boolean(), z.null()])
        .transform((value) => (value === null ? null : String(value))),
    )
    .optional(),
  tools: z
    .array(
      z.strictObject({
        type: toolType,
        name: z.string().regex(isOneLine, "must be the tool's name in the master's configuration; correct it"),
        home: z.string().regex(isOneLine, "must be the folder or program where the tool is; correct it").nullable(),
      }),
    )
    .max(100)
    .optional(),
});
type Said = z.output<typeof nodePropertiesSchema>;

/** What a line of templates says, the weakest first: variables by name, tools by type and name. */
export function nodePropertiesOf(line: readonly { readonly nodeProperties?: Said | undefined }[]): NodeProperties {
  const env = new Map<string, string | null>();
  const tools = new Map<string, Omit<ToolHome, "home"> & { readonly home: string | null }>();
  for (const { nodeProperties } of line) {
    for (const [name, value] of Object.entries(nodeProperties?.env ?? {})) env.set(name, value);
    for (const tool of nodeProperties?.tools ?? []) tools.set(`${tool.type}@${tool.name}`, tool);
  }
  return {
    env: Object.fromEntries([...env].flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
    tools: [...tools.values()].flatMap(({ type, name, home }) => (home === null ? [] : [{ type, name, home }])),
  };
}
