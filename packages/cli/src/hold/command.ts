import {
  commands,
  durationMs,
  type HoldTold,
  podNameOf,
  printDuration,
  printInstant,
  type SlaveRecord,
} from "@kubestack/contracts";
import { type Command, InvalidArgumentError } from "commander";
import { type Context, type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { parseReason } from "../masters/reason.ts";
import { whoOf } from "../masters/who.ts";
import { printData } from "../text/output-form.ts";
import { plain } from "../text/plain.ts";
import { livingSlave } from "./held-slave.ts";

interface HoldOptions {
  readonly for: number;
  readonly reason: string;
}

/** How long a slave is held where nobody says, in milliseconds. */
const usualHoldMs = 2 * 60 * 60_000;

const rules = `
A build that runs goes on; after it, and at once where none runs, the slave takes
no other one: its node is marked offline, and says who holds it and until when.
Its pod stays as it is. When the time is over, or it is released, the slave goes.
Until then it counts for its caps. Hold it again for longer.`;

/** `hold SLAVE` and `release SLAVE`: to look into a build that failed. */
export function addHold(program: Command, perform: Perform, { environment }: Context): void {
  const by = whoOf(environment);
  program
    .command("hold")
    .description("Keep a slave and its pod, to look into its build; it takes no other one.")
    .argument("<slave>", "a slave, or the beginning of its name")
    .option("--for <time>", "how long, as 30m or 2h", parseTime, usualHoldMs)
    .option("--reason <text>", "why, for those who wonder", parseReason, "")
    .addHelpText("after", `${rules}\n\nExample:\n  kubestackcmd hold ks-backend-7f3k2p --for 2h --reason 'flaky test'`)
    .action((what: string, { for: forMs, reason }: HoldOptions) =>
      perform((session) => hold(session, { what, by, forMs, reason })),
    );
  program
    .command("release")
    .description("End the hold of a slave: it goes.")
    .argument("<slave>", "a slave, or the beginning of its name")
    .option("--reason <text>", "why, for those who wonder", parseReason, "")
    .addHelpText("after", "\nExits 1 where nobody holds it.\n\nExample:\n  kubestackcmd release ks-backend-7f3k2p")
    .action((what: string, { reason }: Pick<HoldOptions, "reason">) =>
      perform((session) => release(session, { what, by, reason })),
    );
}

async function hold(
  { bus, terminal, form }: Session,
  { what, ...of }: { what: string; by: string; forMs: number; reason: string },
): Promise<ExitCode> {
  const record = await meant(bus, what);
  const { master, name: slave } = record;
  const told = await bus.request(commands.holdSlave, { master, slave, ...of }, { master });
  if (form === "json" || form === "yaml") terminal.out(printData({ ...told, held: shown(told.held) }, form));
  else
    terminal.out(`${plain(sentenceFor(told))}\nkubectl exec -n ${record.namespace} -it ${podNameOf(record)} -- sh\n`);
  return exitCodes.done;
}

function sentenceFor({ slave, state, held }: HoldTold): string {
  const now = state === "busy" ? "its build goes on, and then it stays" : "it takes no build, and stays";
  const time = printDuration(held.until - held.at);
  return `${slave} is held for ${time}, until ${printInstant(held.until)}: ${now}; kubestackcmd release ${slave} ends that.`;
}

async function release(
  { bus, terminal, form }: Session,
  { what, ...of }: { what: string; by: string; reason: string },
): Promise<ExitCode> {
  const { master, name: slave } = await meant(bus, what);
  const told = await bus.request(commands.releaseSlave, { master, slave, ...of }, { master });
  if (form === "json" || form === "yaml") terminal.out(printData(told, form));
  else terminal.out(`${slave} is released: it goes${told.state === "busy" ? " after its build" : ""}.\n`);
  return exitCodes.done;
}

async function meant(bus: Session["bus"], what: string): Promise<SlaveRecord> {
  // What can't be read is nobody's to hold.
  const records = await bus.slaves.list(undefined, () => undefined);
  return livingSlave(
    what,
    records.map(({ value }) => value),
  );
}

/** A hold for programs. */
function shown({ until, at, ...rest }: HoldTold["held"]) {
  return { ...rest, at: new Date(at).toISOString(), until: new Date(until).toISOString() };
}

function parseTime(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError("write it as 30m, 2h or 1h30m.");
  return ms;
}
