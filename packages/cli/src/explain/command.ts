import { type ExplanationMessage, hasCode, KubestackError } from "@kubestack/contracts";
import { explanationOf, toldExplanation } from "@kubestack/explain";
import type { Command } from "commander";
import { type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { observe } from "../status/observe.ts";
import { clockNote } from "../text/clock-note.ts";
import { localTimes } from "../text/local-time.ts";
import { printData } from "../text/output-form.ts";
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
  const explanation = atThisTerminal(at, () => toldExplanation(explanationOf(seen, { what, ...options, now: at }), at));
  show(explanation, { terminal, form, now: at });
  const note = clockNote(seen.newestStamp - at);
  if (note !== undefined) terminal.err(`${note}\n`);
  return exitCodes.done;
}

function show(
  explanation: ExplanationMessage,
  to: Pick<Session, "terminal" | "form"> & { readonly now: number },
): void {
  const { terminal, form, now } = to;
  if (form === "json" || form === "yaml") terminal.out(printData(explanation, form));
  else terminal.out(`${linesOf(explanation, terminal, now).join("\n")}\n`);
}

/** What could not be explained is told with its instants in the terminal's own time, too. */
function atThisTerminal<T>(now: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!hasCode(error, "not-found")) throw error;
    throw new KubestackError("not-found", localTimes(error.message, now), { retry: "never" });
  }
}
