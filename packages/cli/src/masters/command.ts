import { commands, type MasterOrder, type OrderRequest } from "@kubestack/contracts";
import { masterNames } from "@kubestack/explain";
import type { Command } from "commander";
import { type Context, type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { observe } from "../status/observe.ts";
import { overviewOf } from "../status/overview.ts";
import { masterLines } from "../status/screen.ts";
import { printData } from "../text/output-form.ts";
import { plain } from "../text/plain.ts";
import { addForget } from "./forget.ts";
import { checkName } from "./known-master.ts";
import { longestReason, parseReason } from "./reason.ts";
import { toDrain } from "./to-drain.ts";
import { whoOf } from "./who.ts";

interface OrderOptions {
  readonly reason: string;
}

const kept = "It is kept, and outlives restarts. Exits 1 where it is so already.";

/** `masters`: how each stands; `masters pause|drain|resume|forget NAME`; and `drain SLAVE|MASTER`. */
export function addMasters(program: Command, perform: Perform, { environment }: Context): void {
  const by = whoOf(environment);
  const masters = program
    .command("masters")
    .description("Show every master, or pause, drain, resume or forget one.")
    .helpCommand(false)
    .addHelpText("after", "\nExample:\n  kubestackcmd masters pause backend --reason 'upgrade at noon'")
    .action(() => perform(list));
  const order = (verb: OrderRequest["wants"], description: string, more: string): void => {
    masters
      .command(verb)
      .description(description)
      .argument("<master>", "its name")
      .option("--reason <text>", "why, for those who wonder", parseReason, "")
      .addHelpText("after", `\n${more}\n\nExample:\n  kubestackcmd masters ${verb} backend`)
      .action((master: string, { reason }: OrderOptions) =>
        perform((session) => give(session, { master, wants: verb, by, reason })),
      );
  };
  order("pause", "Launch nothing for a master; all that runs goes on, and slaves go as ever.", kept);
  order("drain", "Pause a master, and take away its slaves: those that run a build, after it.", kept);
  order("resume", "Launch for a paused or drained master again.", "Slaves that are on their way out stay so.");
  addForget(masters, perform, by);
  program
    .command("drain")
    .description("Take a slave away, after its build if it runs one; or drain a whole master.")
    .argument("<what>", "a slave, or the beginning of its name, or a master")
    .option("--reason <text>", "why, for those who wonder", parseReason, "")
    .addHelpText("after", "\nNo build is ever ended by it.\n\nExample:\n  kubestackcmd drain ks-backend-7f3k2p")
    .action((what: string, { reason }: OrderOptions) => perform((session) => drain(session, { what, by, reason })));
}

async function list({ bus, terminal, form, now }: Session): Promise<ExitCode> {
  const at = now();
  const { masters } = overviewOf(await observe(bus), at);
  if (form === "json" || form === "yaml") terminal.out(printData(masters, form));
  else {
    const { width, colour } = terminal;
    terminal.out(`${masterLines(masters, { width, colour, now: at, all: true, wide: form === "wide" }).join("\n")}\n`);
  }
  return exitCodes.done;
}

async function give(session: Session, request: OrderRequest): Promise<ExitCode> {
  const { bus, terminal, form } = session;
  const { master } = request;
  checkName(master, await observe(bus));
  const answer = await bus.request(commands.orderMaster, request, { master });
  if (form === "json" || form === "yaml") terminal.out(printData(answer, form));
  else terminal.out(`${plain(sentenceFor(master, answer.order))}\n`);
  return exitCodes.done;
}

function sentenceFor(master: string, order: MasterOrder | null): string {
  if (order === null) return `${master} is resumed: what its builds need is launched again.`;
  const what =
    order.kind === "paused"
      ? "is paused: nothing is launched for it, and all that runs goes on"
      : "is drained: nothing is launched for it, and its slaves leave, those that run a build after it";
  return `${master} ${what}; kubestackcmd masters resume ${master} ends that.`;
}

async function drain(session: Session, of: { what: string; by: string; reason: string }): Promise<ExitCode> {
  const { bus, terminal, form } = session;
  const { what, by, reason } = of;
  const seen = await observe(bus);
  const found = toDrain(what, { masters: masterNames(seen), slaves: seen.slaves });
  if (found.kind === "master") return give(session, { master: found.master, wants: "drain", by, reason });
  const { master, slave } = found;
  const why = reason === "" ? `drained by ${by}` : `drained by ${by}: ${reason}`;
  const answer = await bus.request(
    commands.drainSlave,
    { master, slave, reason: why.slice(0, longestReason) },
    { master },
  );
  if (form === "json" || form === "yaml") terminal.out(printData(answer, form));
  else terminal.out(`${slave} ${answer.state === "busy" ? "goes after its build" : `is ${answer.state}`}.\n`);
  return exitCodes.done;
}
