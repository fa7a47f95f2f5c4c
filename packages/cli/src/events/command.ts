import { durationMs } from "@kubestack/contracts";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { type NameList, parseNames } from "../text/name-filter.ts";
import { printOne } from "../text/output-form.ts";
import { eventLine, firstWidths, widened } from "./line.ts";
import type { Occurrence } from "./occurrence.ts";
import type { Selection } from "./selection.ts";
import { hearEvents, mostEvents, pastEvents } from "./sources.ts";

interface EventsOptions {
  readonly follow?: boolean;
  readonly master?: NameList;
  readonly slave?: string;
  /** Milliseconds. */
  readonly since?: number;
  readonly lines?: number;
}

const usualLines = 50;

/** `events`: what happened, and with `-f` what happens. */
export function addEvents(program: Command, perform: Perform, interrupted: () => Promise<void>): void {
  program
    .command("events")
    .description("Show what happened to slaves, builds and masters, and with -f what happens now.")
    .option("-f, --follow", "go on with what happens, until Ctrl-C")
    .option("--master <names>", "only of these masters (a,b), or not of these ('!a')", parseNames)
    .option("--slave <name>", "only of this slave; the beginning of its name will do")
    .option("--since <duration>", "only of the last while, such as 10m or 2h", parseSince)
    .addOption(
      new Option("-n, --lines <count>", "at most so many of the past, the newest")
        .argParser(parseCount)
        .default(undefined, `${usualLines}, or all since --since`),
    )
    .addHelpText(
      "after",
      "\nSlave events are kept for 7 days, those of builds for one.\n\nExample:\n  kubestackcmd events -f --master backend --since 10m",
    )
    .action(async (options: EventsOptions) => {
      if (options.follow !== true) return perform((session) => show(session, options));
      // Ctrl-C ends it quietly, whatever it is doing just then.
      await Promise.race([perform((session) => follow(session, options)), interrupted()]);
    });
}

async function show(session: Session, options: EventsOptions): Promise<ExitCode> {
  const print = printer(session);
  print(await pastEvents(session.bus, selectionOf(options, session.now()), limitOf(options)));
  return exitCodes.done;
}

async function follow(session: Session, options: EventsOptions): Promise<ExitCode> {
  const print = printer(session);
  const selection = selectionOf(options, session.now());
  // Listening begins before the past is read: what happens in between is neither lost nor shown twice.
  let heard: Occurrence[] | undefined = [];
  hearEvents(session.bus, selection, (occurrence) => {
    if (heard === undefined) print([occurrence]);
    else heard.push(occurrence);
  });
  const past = await pastEvents(session.bus, selection, limitOf(options));
  print(past);
  const shown = new Set(past.map(({ id }) => id));
  print(heard.filter(({ id }) => !shown.has(id)));
  heard = undefined;
  await session.bus.closed;
  session.terminal.err("kubestackcmd: the connection to NATS was closed for good; start it again.\n");
  return exitCodes.failed;
}

/** Prints events as they come; columns grow with what was seen. */
function printer({ terminal, form, now }: Session): (occurrences: readonly Occurrence[]) => void {
  let widths = firstWidths;
  return (occurrences) => {
    if (occurrences.length === 0) return;
    if (form === "json" || form === "yaml") {
      terminal.out(occurrences.map((one) => printOne(forPrograms(one), form)).join(""));
      return;
    }
    widths = widened(widths, occurrences);
    const { width, colour } = terminal;
    const how = { width, colour, widths, now: now(), wide: form === "wide" };
    terminal.out(occurrences.map((one) => `${eventLine(one, how)}\n`).join(""));
  };
}

function forPrograms({ id, kind, at, data }: Occurrence) {
  return { time: new Date(at).toISOString(), kind, id, ...data };
}

function selectionOf({ master, slave, since }: EventsOptions, now: number): Selection {
  return { master, slave, since: since === undefined ? undefined : now - since };
}

function limitOf({ lines, since }: EventsOptions): number {
  return lines ?? (since === undefined ? usualLines : mostEvents);
}

function parseSince(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new InvalidArgumentError("write it as 30s, 10m or 2h.");
  return ms;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > mostEvents)
    throw new InvalidArgumentError(`it is a whole number up to ${mostEvents}.`);
  return count;
}
