import type { Command } from "commander";
import { configFile } from "../address/config-file.ts";
import type { Context, ExitCode } from "../context.ts";
import type { OutputForm } from "../text/output-form.ts";
import { list } from "./list.ts";
import { readTemplates } from "./template-file.ts";

/** What the options for all verbs say. */
export interface Given {
  readonly config?: string | undefined;
  readonly nats?: string[] | undefined;
  readonly form: OutputForm;
}

/** What the verb is put together with. */
export interface TemplatesSetting {
  readonly context: Context;
  readonly given: () => Given;
  readonly ended: (code: ExitCode) => void;
}

interface RenderFlags {
  readonly master?: string;
  readonly origin?: boolean;
}

/** `templates`: what there is, and what the pods of each would be. */
export function addTemplates(program: Command, setting: TemplatesSetting): void {
  const { context, given, ended } = setting;
  const templates = program
    .command("templates")
    .alias("list_templates")
    .description("List the templates of the configuration, or look at one before it launches anything.")
    .helpCommand(false)
    .addHelpText(
      "after",
      "\nWithout a configuration (--config, KUBESTACK_CONFIG) those of the running\nservices are listed, as far as these tell.\n\nExample:\n  kubestackcmd templates --config config.yaml",
    )
    .action(async () => ended(await list(context, given())));
  addRender(templates, setting);
}

function addRender(templates: Command, { context, given, ended }: TemplatesSetting): void {
  templates
    .command("render")
    .description("Print the pod that a template would launch, from the file alone.")
    .argument("<template>", "its name")
    .option("--master <name>", "for this master (default: the first that it serves)")
    .option("--origin", "say of each field whose word it is; with -o json: path and owner")
    .addHelpText(
      "after",
      "\nWhat only a launch knows shows as at-launch: the slave's name and marks, its\nSecret, and how its agent starts.\n\nExample:\n  kubestackcmd templates render maven --origin --config config.yaml",
    )
    .action(async (name: string, { master, origin = false }: RenderFlags) => {
      const { config, form } = given();
      const { environment, terminal } = context;
      const of = await readTemplates(
        configFile({ config }, environment, "Templates are in the configuration"),
        environment,
      );
      const { render } = await import("./render.ts");
      ended(render(of, terminal, { name, master, origin, form }));
    });
}
