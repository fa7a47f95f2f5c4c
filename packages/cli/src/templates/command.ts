import { type Command, Option } from "commander";
import { configFile, configFileIfAny } from "../address/config-file.ts";
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
  readonly running?: boolean;
}

interface LintFlags {
  readonly offline?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
}

const whereTemplatesAre = "--origin, --diff and lint are of a configuration's templates";

/** `templates`: what there is, and what the pods of each would be. */
export function addTemplates(program: Command, setting: TemplatesSetting): Command {
  const templates = program
    .command("templates")
    .alias("list_templates")
    .description("List the templates, look at one before it launches anything, change them.")
    .helpCommand(false)
    .addHelpText("after", templatesHelp);
  addListing(templates, setting);
  addRender(templates, setting);
  addLint(templates, setting);
  return templates;
}

const templatesHelp = `
Where templates come from: the configuration file; those that were applied;
ConfigMaps of teams. A file is looked at by render and lint, with --config; what
runs by list and render, with --running. Before one is applied: apply --dry-run.

Example:
  kubestackcmd templates --config config.yaml`;

const listHelp = `
With a configuration (--config, KUBESTACK_CONFIG) its templates. Without one, or
with --running, all in force, in the order in which they are tried, where each
comes from, and what is wrong with those that are left out.

Example:
  kubestackcmd templates list --running --config config.yaml`;

function addListing(templates: Command, { context, given, ended }: TemplatesSetting): void {
  templates
    .command("list", { isDefault: true })
    .description("List them; this is what templates does alone.")
    .option("--running", "those that the services have, wherever they come from")
    .addHelpText("after", listHelp)
    .action(async ({ running = false }: { readonly running?: boolean }) =>
      ended(await list(context, { ...given(), running })),
    );
}

const renderHelp = `
What only a launch knows shows as at-launch: the slave's name and marks, its
Secret, and how its agent starts. Without a configuration (--config,
KUBESTACK_CONFIG), or with --running, the master's slave-supervisor is asked,
also for templates that were applied or come from ConfigMaps. --diff asks it,
too: exits 0 where nothing changes, 1 where something does, 2 where that can't
be told. Slaves that live keep their pods.

Example:
  kubestackcmd templates render maven --origin --config config.yaml`;

function addRender(templates: Command, { context, given, ended }: TemplatesSetting): void {
  templates
    .command("render")
    .description("Print the pod that a template would launch.")
    .argument("<template>", "its name")
    .option("--master <name>", "for this master (default: the first that it serves)")
    .option("--origin", "of a file: say of each field whose word it is; with -o json: path and owner")
    .addOption(
      new Option("--diff", "of a file: print what it would change of what runs").conflicts(["origin", "running"]),
    )
    .addOption(new Option("--running", "as the services have it").conflicts("origin"))
    .addHelpText("after", renderHelp)
    .action(async (name: string, { master, origin = false, diff = false, running = false }: RenderFlags) => {
      const { form, config } = given();
      const { environment, terminal } = context;
      const isOfFile = origin || diff || (!running && configFileIfAny({ config }, environment) !== undefined);
      if (!isOfFile) {
        const { renderRunning } = await import("./running/render.ts");
        ended(await renderRunning(context, { given: given(), name, master }));
        return;
      }
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
