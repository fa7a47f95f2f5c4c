import type { Command } from "commander";
import { type Context, type ExitCode, exitCodes } from "../context.ts";
import { summaryOf } from "./summary.ts";

/** `config check`: reads a configuration file as the services do, and says every fault at once. It needs no NATS. */
export function addConfig(program: Command, context: Context, ended: (code: ExitCode) => void): void {
  const config = program.command("config").description("Look at a configuration file.").helpCommand(false);
  config
    .command("check")
    .description("Check a configuration file as the services would: every fault with its path, value, rule and remedy.")
    .argument("<file>", "the file")
    .addHelpText("after", "\nExample:\n  kubestackcmd config check /etc/kubestack/config.yaml")
    .action(async (file: string) => {
      // Loaded only here: the whole schema is not needed for the other verbs.
      const { loadConfiguration } = await import("@kubestack/configuration");
      const configuration = await loadConfiguration({ file, environment: context.environment });
      context.terminal.out(`${summaryOf(file, configuration).join("\n")}\n`);
      ended(exitCodes.done);
    });
}
