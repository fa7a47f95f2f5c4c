import { commands } from "@kubestack/contracts";
import { printAge } from "@kubestack/explain";
import type { Command } from "commander";
import { type Context, type ExitCode, exitCodes, type Perform, type Session } from "../context.ts";
import { parseReason } from "../masters/reason.ts";
import { whoOf } from "../masters/who.ts";
import { observe } from "../status/observe.ts";
import { printData } from "../text/output-form.ts";
import { plain } from "../text/plain.ts";
import { type Column, table } from "../text/table.ts";
import { holdsIn, type KnownHold, type ToLift, toLift } from "./known-holds.ts";

interface LiftOptions {
  readonly master?: string | undefined;
  readonly reason: string;
}

const rules = `
What launches fail of is held back, longer each time. Lift its hold when what was
wrong is mended: one slave is tried at once, and more when that has come; if it
fails, too, it is held again, from the shortest time on.`;

/** `holds`: what is held back; `lift NAME`: try it again now. */
export function addHolds(program: Command, perform: Perform, { environment }: Context): void {
  const by = whoOf(environment);
  program
    .command("holds")
    .description("List the templates, namespaces and masters that are held back since launches failed, and why.")
    .addHelpText("after", "\nSlaves that people hold are in kubestackcmd list.\n\nExample:\n  kubestackcmd holds")
    .action(() => perform(list));
  program
    .command("lift")
    .description("End the hold of a template, with its sizes, or of a namespace or master: one slave is tried.")
    .argument("<name>", "what is held, without a size")
    .option("--master <name>", "only at this master")
    .option("--reason <text>", "why, for those who wonder", parseReason, "")
    .addHelpText("after", `${rules}\n\nExample:\n  kubestackcmd lift gpu --reason 'the image is there'`)
    .action((name: string, { master, reason }: LiftOptions) =>
      perform((session) => lift(session, { name, master, by, reason })),
    );
}

async function list({ bus, terminal, form, now }: Session): Promise<ExitCode> {
  const at = now();
  const { plans } = await observe(bus);
  const holds = holdsIn(plans.values(), at);
  if (form === "json" || form === "yaml") terminal.out(printData(holds.map(forPrograms), form));
  else if (holds.length === 0) terminal.err("Nothing is held.\n");
  else terminal.out(`${table(columns(at), holds, terminal).join("\n")}\n`);
  return exitCodes.done;
}

function columns(now: number): Column<KnownHold>[] {
  return [
    { head: "HELD", cell: ({ what, name }) => `${what} ${name}`, keep: true },
    { head: "MASTER", cell: ({ master }) => master, keep: true },
    { head: "TRIED IN", cell: ({ until }) => printAge(until - now), align: "right", keep: true },
    { head: "FAILURES", cell: ({ failures }) => String(failures), align: "right", spare: 1 },
    { head: "BECAUSE", cell: ({ because }) => because },
  ];
}

function forPrograms({ until, ...hold }: KnownHold) {
  return { ...hold, until: new Date(until).toISOString() };
}

async function lift(
  { bus, terminal, form, now }: Session,
  { name, master, by, reason }: LiftOptions & { readonly name: string; readonly by: string },
): Promise<ExitCode> {
  const { plans } = await observe(bus);
  const lifted: ToLift[] = [];
  for (const thing of toLift(holdsIn(plans.values(), now()), { name, master }))
    lifted.push(await bus.request(commands.liftHold, { ...thing, by, reason }, { master: thing.master }));
  if (form === "json" || form === "yaml") terminal.out(printData(lifted, form));
  else for (const one of lifted) terminal.out(`${plain(sentenceFor(one))}\n`);
  return exitCodes.done;
}

function sentenceFor({ what, name, master }: ToLift): string {
  const where = what === "master" ? "" : ` at ${master}`;
  return `The hold of ${what} ${name}${where} is lifted: one slave is tried next.`;
}
