import type { Bus } from "@kubestack/bus";
import { channels, hasCode, type Plan, sentenceOf, streams, type TemplateBookTold } from "@kubestack/contracts";
import { configFileIfAny } from "../address/config-file.ts";
import { findNats } from "../address/find-nats.ts";
import { type Context, type ExitCode, exitCodes } from "../context.ts";
import { printData } from "../text/output-form.ts";
import { plain } from "../text/plain.ts";
import type { Given } from "./command.ts";
import { askBook } from "./running/book.ts";
import { readTemplates } from "./template-file.ts";
import { rowsOfBook, rowsOfFile, rowsOfPlans, type TemplateRow, templateTable } from "./template-table.ts";

/** More masters than this are not looked at. */
const masterLimit = 10_000;

/** What NATS and the services tell of templates. */
interface Told {
  readonly plans: readonly Plan[];
  /** Undefined where no slave-supervisor tells it. */
  readonly book?: TemplateBookTold | undefined;
  /** Why NATS was not reached. */
  readonly fault?: unknown;
}

/** `templates`: those of the file, and which are held; without a file, or where it is asked for, those in force, wherever they come from. */
export async function list(
  context: Context,
  { running, ...given }: Given & { readonly running: boolean },
): Promise<ExitCode> {
  const { terminal, environment } = context;
  const { config, form } = given;
  const file = running ? undefined : configFileIfAny({ config }, environment);
  const of = file === undefined ? undefined : await readTemplates(file, environment);
  const told = await ask(context, given);
  const { plans, book, fault } = told;
  if (of === undefined && fault !== undefined) throw fault;
  const rows =
    of !== undefined ? rowsOfFile(of, plans) : book !== undefined ? rowsOfBook(book, plans) : rowsOfPlans(plans);
  if (form === "json" || form === "yaml") terminal.out(printData(rows.map(forPrograms), form));
  else if (rows.length === 0) terminal.err("No templates: nothing runs that has any.\n");
  else {
    const { width, colour } = terminal;
    terminal.out(`${templateTable(rows, { width, colour, now: context.now(), wide: form === "wide" }).join("\n")}\n`);
  }
  for (const note of of === undefined ? notesOnBook(told) : notesBesideFile(told)) terminal.err(`${note}\n`);
  return exitCodes.done;
}

/** What a reader of the file's templates should know besides. */
function notesBesideFile({ book, fault }: Told): string[] {
  if (fault !== undefined) return [`Whether one is held is not known: ${plain(sentenceOf(fault))}`];
  const elsewhere = (book?.templates ?? []).filter(({ from }) => from !== "file").length;
  const faults = (book?.faults.length ?? 0) + (book?.moreFaults ?? 0);
  if (elsewhere === 0 && faults === 0) return [];
  const wrong = faults === 0 ? "" : `, and ${faults} ${faults === 1 ? "fault" : "faults"} of others`;
  return [
    `The services have ${elsewhere} ${elsewhere === 1 ? "template" : "templates"} from elsewhere than the file${wrong}: --running shows all.`,
  ];
}

function notesOnBook({ plans, book }: Told): string[] {
  if (book === undefined)
    return plans.length === 0 ? [] : ["No slave-supervisor tells where they come from: these were in force last."];
  const { moreFaults } = book;
  return moreFaults === 0 ? [] : [`${moreFaults} more ${moreFaults === 1 ? "fault is" : "faults are"} not shown.`];
}

function forPrograms({ held, applied, ...row }: TemplateRow) {
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    ...row,
    applied: applied === null ? null : { by: applied.by, at: iso(applied.at) },
    held: held.map((one) => ({ ...one, until: iso(one.until) })),
  };
}

/** What the services have. Where NATS is not reached that is told: the file says enough without. */
async function ask({ connect, environment }: Context, { config, nats }: Given): Promise<Told> {
  try {
    const bus = await connect(await findNats({ config, nats }, environment));
    try {
      const [plans, book] = await Promise.all([readPlans(bus), askBook(bus)]);
      return { plans, book };
    } finally {
      await bus.close();
    }
  } catch (fault) {
    if (hasCode(fault, "bus-unavailable", "invalid-config", "not-found", "credential-refused"))
      return { plans: [], fault };
    throw fault;
  }
}

/** The newest plan of every master. */
async function readPlans(bus: Bus): Promise<Plan[]> {
  const told = await bus.history(channels.plan, streams.PLAN.subjects[0] ?? ">", { limit: masterLimit });
  return told.map(({ data }) => data);
}
