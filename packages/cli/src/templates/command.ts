import { type Command, Option } from "commander";
import { configFile } from "../address/config-file.ts";
import type { Context, ExitCode } from "../context.ts";
import type { OutputForm } from "../text/output-form.ts";
import { judged } from "./judgement.ts";
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
  readonly diff?: boolean;
}

interface LintFlags {
  readonly offline?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
}

const whereTemplatesAre = "Templates are in the configuration";

/** `templates`: what there is, and what the pods of each would be. */
export function addTemplates(program: Command, setting: TemplatesSetting): Command {
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
  addLint(templates, setting);
  return templates;
}

function addRender(templates: Command, { context, given, ended }: TemplatesSetting): void {
  templates
    .command("render")
    .description("Print the pod that a template would launch, from the file alone.")
    .argument("<template>", "its name")
    .option("--master <name>", "for this master (default: the first that it serves)")
    .option("--origin", "say of each field whose word it is; with -o json: path and owner")
    .addOption(new Option("--diff", "print what it would change of what the services launch now").conflicts("origin"))
    .addHelpText(
      "after",
      "\nWhat only a launch knows shows as at-launch: the slave's name and marks, its\nSecret, and how its agent starts. --diff asks the master's slave-supervisor over\nNATS, and exits 0 where nothing changes, 1 where something does, 2 where that\ncan't be told. Slaves that live keep their pods.\n\nExample:\n  kubestackcmd templates render maven --origin --config config.yaml",
    )
    .action(async (name: string, { master, origin = false, diff = false }: RenderFlags) => {
      const { form, config } = given();
      const { environment, terminal } = context;
      const read = () => readTemplates(configFile({ config }, environment, whereTemplatesAre), environment);
      if (diff) {
        const { compare } = await import("./diff/diff.ts");
        ended(await judged(terminal, async () => compare(await read(), { context, given: given(), name, master })));
        return;
      }
      const { render } = await import("./render.ts");
      ended(render(await read(), terminal, { name, master, origin, form }));
    });
}

function addLint(templates: Command, { context, given, ended }: TemplatesSetting): void {
  templates
    .command("lint")
    .description("Say every fault of the file, and show each template's pod to the API server, which makes none.")
    .argument("[templates...]", "only these (default: all)")
    .option("--offline", "the file alone: ask no API server")
    .option("--kubeconfig <file>", "show them to this cluster (default: the configuration's)")
    .option("--context <name>", "of the kubeconfig")
    .addHelpText(
      "after",
      "\nThe API server decodes each pod strictly and asks its admission: Pod Security,\nquotas, webhooks. Needs the right to create pods in the agents' namespace.\nExits 0 where all is well (warnings included), 1 where something can't be\nlaunched, 2 where that can't be told.\n\nExample:\n  kubestackcmd templates lint --config config.yaml",
    )
    .action(async (names: string[], { offline = false, kubeconfig, context: named }: LintFlags) => {
      const { config, form } = given();
      const { environment, terminal } = context;
      const { lint } = await import("./lint/lint.ts");
      const judge = () => {
        const file = configFile({ config }, environment, whereTemplatesAre);
        return lint(context, { names, file, offline, kubeconfig, context: named, form });
      };
      ended(await judged(terminal, judge));
    });
}
