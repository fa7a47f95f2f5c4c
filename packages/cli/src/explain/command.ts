import type { Command } from "commander";
import { type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { observe } from "../status/observe.ts";
import { clockNote } from "../text/clock-note.ts";
import { printData } from "../text/output-form.ts";
import { type Explanation, explanationOf } from "./explanation.ts";
import { linesOf } from "./lines.ts";

interface ExplainOptions {
  readonly master?: string;
}

/** `explain`: why a build waits, what a slave does, how a label is served. */
export function addExplain(program: Command, perform: Perform): void {
  program
    .command("explain")
    .description("Say why a build waits, what a slave waits for or how it ended, or how a label is served.")
    .argument("<what>", "a queue item, a job, a build's address, a slave, a label or a master")
    .option("--master <name>", "only what is known of this master")
    .addHelpText(
      "after",
      "\nThe beginning of a name will do where it is nobody else's; item:, slave:, label:\nor master: in front says which is meant. Exits 1 for what is not known.\n\nExample:\n  kubestackcmd explain https://ci.example.org/job/shop/job/api/",
    )
    .action((what: string, options: ExplainOptions) => perform((session) => explain(session, what, options)));
}

async function explain(
  { bus, terminal, form, now }: Session,
  what: string,
  options: ExplainOptions,
): Promise<ExitCode> {
  const seen = await observe(bus);
  const at = now();
  const explanation = explanationOf(seen, { what, master: options.master, now: at });
  if (form === "json" || form === "yaml") terminal.out(printData(forPrograms(explanation), form));
  else terminal.out(`${linesOf(explanation, terminal, at).join("\n")}\n`);
  const note = clockNote(seen.newestStamp - at);
  if (note !== undefined) terminal.err(`${note}\n`);
  return exitCodes.done;
}

function forPrograms({ evidence, ...rest }: Explanation) {
  return {
    ...rest,
    evidence: evidence.map(({ at, fact }) => ({ at: at === null ? null : new Date(at).toISOString(), fact })),
  };
}
