import { readFile } from "node:fs/promises";
import { type Applied, commands, KubestackError, sentenceOf } from "@kubestack/contracts";
import type { Command } from "commander";
import { type Context, type ExitCode, exitCodes, type Perform, type Session } from "../../context.ts";
import { whoOf } from "../../masters/who.ts";
import { printData } from "../../text/output-form.ts";
import { plain } from "../../text/plain.ts";
import { templatesIn } from "./templates-in.ts";

interface ApplyOptions {
  readonly dryRun?: boolean;
}

/** Checking a thousand templates takes some seconds. */
const applyMs = 20_000;

const applyHelp = `
FILE holds a template, a list of them, or a key templates with one; - reads the
standard input. They are checked together with all others by a running
slave-supervisor, and either all are kept or none. The configuration says what
they may be (templateSources.applied). Slaves that live stay as they are.`;

const deleteHelp = `
Its slaves finish; none is launched from it any more. Refused while another
applied template stands on it. Those of the configuration file and of ConfigMaps
are removed there.`;

/** `templates apply FILE`, `templates delete NAME`, and the original's names for them. */
export function addTemplateChanges(
  program: Command,
  templates: Command,
  { perform, context }: { readonly perform: Perform; readonly context: Context },
): void {
  const by = whoOf(context.environment);
  const applying = (command: Command, call: string): void => {
    command
      .description("Keep templates in NATS, besides those of the configuration.")
      .argument("<file>", "a YAML or JSON file, or -")
      .option("--dry-run", "only say what would become of it")
      .addHelpText("after", `${applyHelp}\n\nExample:\n  kubestackcmd ${call} maven.yaml`)
      .action((file: string, { dryRun = false }: ApplyOptions) =>
        perform((session) => apply(session, { file, by, dryRun })),
      );
  };
  const deleting = (command: Command, call: string): void => {
    command
      .description("Take away a template that was applied.")
      .argument("<template>", "its name")
      .addHelpText("after", `${deleteHelp}\n\nExample:\n  kubestackcmd ${call} maven`)
      .action((name: string) => perform((session) => remove(session, { name, by })));
  };
  applying(templates.command("apply"), "templates apply");
  deleting(templates.command("delete"), "templates delete");
  applying(program.command("create_template"), "create_template");
  deleting(program.command("delete_template"), "delete_template");
}

async function apply(
  { bus, terminal, form }: Session,
  { file, by, dryRun }: { readonly file: string; readonly by: string; readonly dryRun: boolean },
): Promise<ExitCode> {
  const templates = templatesIn(await textOf(file), file === "-" ? "the standard input" : file);
  const answer = await bus.request(commands.applyTemplates, { templates, by, dryRun }, { timeoutMs: applyMs });
  if (form === "json" || form === "yaml") terminal.out(printData(answer, form));
  else for (const one of answer.templates) terminal.out(`${plain(lineFor(one, dryRun))}\n`);
  return exitCodes.done;
}

function lineFor({ name, change }: Applied, dryRun: boolean): string {
  return `${name} ${dryRun && change !== "unchanged" ? "would be " : ""}${change}`;
}

async function remove({ bus, terminal, form }: Session, request: { name: string; by: string }): Promise<ExitCode> {
  const answer = await bus.request(commands.deleteTemplate, request);
  if (form === "json" || form === "yaml") terminal.out(printData(answer, form));
  else terminal.out(`${plain(answer.name)} deleted; its slaves finish.\n`);
  return exitCodes.done;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === "-" ? "/dev/stdin" : file, "utf8");
  } catch (error) {
    throw new KubestackError("invalid-config", `${file} can't be read: ${sentenceOf(error)}.`, { retry: "never" });
  }
}
