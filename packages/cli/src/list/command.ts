import { slaveStateSchema, slaveStates } from "@kubestack/contracts";
import { type SlaveView, viewOf } from "@kubestack/explain";
import { type Command, InvalidArgumentError } from "commander";
import { type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { clockNote } from "../text/clock-note.ts";
import { filterOf, type NameList, parseNames } from "../text/name-filter.ts";
import { printData } from "../text/output-form.ts";
import { inOrder, slaveTable } from "./slave-table.ts";

interface ListOptions {
  readonly all?: boolean;
  readonly master?: NameList;
  readonly template?: NameList;
  readonly state?: NameList;
}

/** `list`: the slaves that live, and what each waits for. */
export function addList(program: Command, perform: Perform): void {
  program
    .command("list")
    .alias("slaves")
    .description("List the slaves that live, what each of them waits for, and those whose pods are kept.")
    .option("-a, --all", "also those that are over, with their outcome (kept for a day)")
    .option("--master <names>", "only of these masters (a,b), or not of these ('!a')", parseNames)
    .option("--template <names>", "only of these templates, or not of these", parseNames)
    .option("--state <states>", `only in these states, or not in these: ${slaveStates.join(", ")}`, parseStates)
    .addHelpText(
      "after",
      "\nA narrow terminal leaves columns out and cuts others; a pipe shows them all.\n\nExample:\n  kubestackcmd list --master backend --state '!busy'",
    )
    .action((options: ListOptions) => perform((session) => list(session, options)));
}

async function list({ bus, terminal, form, now }: Session, options: ListOptions): Promise<ExitCode> {
  const unreadable: string[] = [];
  const entries = await bus.slaves.list(undefined, ({ message }) => unreadable.push(message));
  const at = now();
  const passes = passing(options);
  const views = entries
    .map(({ value }) => viewOf(value, at))
    .filter(passes)
    .sort(inOrder);
  if (form === "json" || form === "yaml") terminal.out(printData(views.map(forPrograms), form));
  else if (views.length > 0) {
    const { width, colour } = terminal;
    const hasEnded = views.some(({ state }) => state === "deleted");
    terminal.out(`${slaveTable(views, { width, colour, wide: form === "wide", all: hasEnded }).join("\n")}\n`);
  } else
    terminal.err(
      entries.length === 0 ? "No slaves.\n" : "No slaves of that kind; --all lists those that are over too.\n",
    );
  // What entered its state after now: the record's instants are NATS's time.
  const newest = entries.reduce((latest, { value }) => Math.max(latest, value.life.trail.at(-1)?.at ?? 0), 0);
  const note = clockNote(newest - at);
  if (note !== undefined) terminal.err(`${note}\n`);
  const [first] = unreadable;
  if (first !== undefined)
    terminal.err(`${unreadable.length} of the records can't be read and are left out, the first: ${first}\n`);
  return exitCodes.done;
}

function passing({ all, master, template, state }: ListOptions): (view: SlaveView) => boolean {
  const [ofMaster, ofTemplate, inState] = [filterOf(master), filterOf(template), filterOf(state)];
  const withEnded = all === true || state?.only.includes("deleted") === true;
  return (view) =>
    (withEnded || view.state !== "deleted" || view.retained !== null) &&
    ofMaster(view.master) &&
    ofTemplate(view.template) &&
    inState(view.state);
}

function forPrograms({ since, ...view }: SlaveView) {
  return { ...view, since: since === null ? null : new Date(since).toISOString() };
}

function parseStates(text: string): NameList {
  const list = parseNames(text);
  const unknown = [...list.only, ...list.not].find((name) => !slaveStateSchema.safeParse(name).success);
  if (unknown !== undefined)
    throw new InvalidArgumentError(`'${unknown}' is no state; they are ${slaveStates.join(", ")}.`);
  return list;
}
