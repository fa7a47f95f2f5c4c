import { resolve } from "node:path";
import type { Command } from "commander";
import { type Context, type ExitCode, exitCodes } from "../context.ts";
import { type OutputForm, printData } from "../text/output-form.ts";
import { summaryOf } from "./summary.ts";

/** What the verb is put together with. */
export interface ConfigSetting {
  readonly context: Context;
  /** `-o`, as it is given. */
  readonly given: () => { readonly form: OutputForm };
  readonly ended: (code: ExitCode) => void;
}

/**
 * `config check`: reads a configuration file as the services do, and says every fault at once. It needs no NATS. A file of
 * the original KubeStack's is printed in today's form besides; as data, any file is printed in that form and nothing else.
 */
export function addConfig(program: Command, { context, given, ended }: ConfigSetting): void {
  const config = program.command("config").description("Look at a configuration file.").helpCommand(false);
  config
    .command("check")
    .description("Check a configuration file as the services would: every fault with its path, value, rule and remedy.")
    .argument("<file>", "the file")
    .addHelpText(
      "after",
      "\nA file of the original KubeStack is shown in today's form, too; -o yaml prints that\nand nothing else.\n\nExample:\n  kubestackcmd config check /etc/kubestack/config.yaml",
    )
    .action(async (file: string) => {
      const { environment, terminal } = context;
      // Loaded only here: the whole schema is not needed for the other verbs.
      const { printForm, printOriginal, readConfiguration } = await import("@kubestack/configuration");
      const { configuration, form, isOriginal, warnings } = await readConfiguration({ file, environment });
      const yaml = (): string => (isOriginal ? printOriginal(form, resolve(file)) : printForm(form));
      switch (given().form) {
        case "json":
          terminal.out(printData(form, "json"));
          break;
        case "yaml":
          terminal.out(yaml());
          break;
        default:
          terminal.out(`${summaryOf(file, configuration, { isOriginal, warnings }).join("\n")}\n`);
          if (isOriginal) terminal.out(`\n${yaml()}`);
      }
      ended(exitCodes.done);
    });
}
