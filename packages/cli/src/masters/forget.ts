import { commands, type ForgetRequest } from "@kubestack/contracts";
import type { Command } from "commander";
import { type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { observe } from "../status/observe.ts";
import { printData } from "../text/output-form.ts";
import { plain } from "../text/plain.ts";
import { checkName } from "./known-master.ts";
import { parseReason } from "./reason.ts";

interface ForgetOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

const rules = `
For a master that was taken out of the configuration and was switched off before
it was empty: its slaves stay draining, since nobody can say that their nodes
are gone. Their pods are deleted; the nodes stay, should it ever be back.
Exits 1 while the configuration names it, while it answers and runs a build on
one of its slaves, and without --yes while slaves are left.`;

/** `masters forget NAME`. */
export function addForget(masters: Command, perform: Perform, by: string): void {
  masters
    .command("forget")
    .description("Give up what is left of a master that was taken out of the configuration and is off for good.")
    .argument("<master>", "its name")
    .option("--yes", "though slaves are left: whatever runs in their pods is lost")
    .option("--reason <text>", "why, for those who wonder", parseReason, "")
    .addHelpText("after", `${rules}\n\nExample:\n  kubestackcmd masters forget backend --yes`)
    .action((master: string, { reason, yes = false }: ForgetOptions) =>
      perform((session) => forget(session, { master, by, reason, isConfirmed: yes })),
    );
}

async function forget({ bus, terminal, form }: Session, request: ForgetRequest): Promise<ExitCode> {
  const { master } = request;
  checkName(master, await observe(bus));
  const answer = await bus.request(commands.forgetMaster, request, { master });
  if (form === "json" || form === "yaml") terminal.out(printData(answer, form));
  else terminal.out(`${plain(sentenceFor(answer))}\n`);
  return exitCodes.done;
}

function sentenceFor({ master, slaves }: { master: string; slaves: number }): string {
  if (slaves === 0) return `${master} is forgotten.`;
  const pods = slaves === 1 ? "the pod of its slave is" : `the pods of its ${slaves} slaves are`;
  return `${master} is forgotten: ${pods} deleted, and then nothing is kept of it.`;
}
