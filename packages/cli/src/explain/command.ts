import { type ExplainRequest, type ExplanationMessage, hasCode, KubestackError } from "@kubestack/contracts";
import { explanationOf, toldExplanation } from "@kubestack/explain";
import type { Command } from "commander";
import { type Context, type ExitCode, exitCodes, type Perform, type Session, type Terminal } from "../context.ts";
import { observe } from "../status/observe.ts";
import { clockNote } from "../text/clock-note.ts";
import { localTimes } from "../text/local-time.ts";
import { type OutputForm, printData } from "../text/output-form.ts";
import { linesOf } from "./lines.ts";
import { explainOverHttp } from "./over-http.ts";

interface ExplainOptions {
  readonly master?: string;
}

/** What `explain` needs of the program: a way to NATS, or to what answers over HTTP. */
export interface ExplainSurroundings {
  readonly perform: Perform;
  readonly context: Pick<Context, "terminal" | "now">;
  readonly given: () => { readonly server?: string | undefined; readonly form: OutputForm };
  readonly ended: (code: ExitCode) => void;
}

/** `explain`: why a build waits, what a slave does, how a label is served. */
export function addExplain(program: Command, { perform, context, given, ended }: ExplainSurroundings): void {
  program
    .command("explain")
    .description("Say why a build waits, what a slave waits for or how it ended, or how a label is served.")
    .argument("<what>", "a queue item, a job, a build's address, a slave, a label, a master or a node pool")
    .option("--master <name>", "only what is known of this master")
    .addHelpText(
      "after",
      "\nThe beginning of a name will do where it is nobody else's; item:, slave:,\nlabel:, master: or pool: in front says which is meant. Exits 1 for what is not\nknown. With --server it is asked over HTTP.\n\nExample:\n  kubestackcmd explain https://ci.example.org/job/shop/job/api/",
    )
    .action(async (what: string, options: ExplainOptions) => {
      const { server, form } = given();
      if (server === undefined) return perform((session) => explain(session, what, options));
      ended(await explainBy(server, { ...context, form }, { what, ...options }));
    });
}

/** The same over HTTP: the very document, shown as ever. */
async function explainBy(
  server: string,
  { terminal, form, now }: Pick<Session, "terminal" | "form" | "now">,
  request: ExplainRequest,
): Promise<ExitCode> {
  const explanation = await explainOverHttp(server, request).catch((error: unknown) => {
    throw atThisTerminal(error, now());
  });
  const at = now();
  show(explanation, { terminal, form, now: at });
  tellClock(Date.parse(explanation.asOf) - at, terminal);
  return exitCodes.done;
}

async function explain(
  { bus, terminal, form, now }: Session,
  what: string,
  options: ExplainOptions,
): Promise<ExitCode> {
  const seen = await observe(bus);
  const at = now();
  show(told(), { terminal, form, now: at });
  tellClock(seen.newestStamp - at, terminal);
  return exitCodes.done;

  function told(): ExplanationMessage {
    try {
      return toldExplanation(explanationOf(seen, { what, ...options, now: at }), at);
    } catch (error) {
      throw atThisTerminal(error, at);
    }
  }
}

function tellClock(aheadMs: number, terminal: Terminal): void {
  const note = clockNote(aheadMs);
  if (note !== undefined) terminal.err(`${note}\n`);
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
function atThisTerminal(error: unknown, now: number): unknown {
  if (!hasCode(error, "not-found")) return error;
  return new KubestackError("not-found", localTimes(error.message, now), { retry: "never" });
}
