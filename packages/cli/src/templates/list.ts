import { channels, hasCode, type Plan, sentenceOf, streams } from "@kubestack/contracts";
import { configFileIfAny } from "../address/config-file.ts";
import { findNats } from "../address/find-nats.ts";
import { type Context, type ExitCode, exitCodes } from "../context.ts";
import { printData } from "../text/output-form.ts";
import { plain } from "../text/plain.ts";
import type { Given } from "./command.ts";
import { readTemplates } from "./template-file.ts";
import { rowsOfFile, rowsOfPlans, type TemplateRow, templateTable } from "./template-table.ts";

/** More masters than this are not looked at. */
const masterLimit = 10_000;

/** `templates`: those of the file, with what the running services tell of them; without a file, theirs. */
export async function list(context: Context, given: Given): Promise<ExitCode> {
  const { terminal, environment } = context;
  const { config, form } = given;
  const file = configFileIfAny({ config }, environment);
  const of = file === undefined ? undefined : await readTemplates(file, environment);
  const { plans, fault } = await readPlans(context, given);
  if (of === undefined && fault !== undefined) throw fault;
  const rows = of === undefined ? rowsOfPlans(plans) : rowsOfFile(of, plans);
  if (form === "json" || form === "yaml") terminal.out(printData(rows.map(forPrograms), form));
  else if (rows.length === 0) terminal.err("No templates: nothing runs that has any.\n");
  else {
    const { width, colour } = terminal;
    terminal.out(`${templateTable(rows, { width, colour, now: context.now(), wide: form === "wide" }).join("\n")}\n`);
  }
  if (fault !== undefined) terminal.err(`Whether one is held is not known: ${plain(sentenceOf(fault))}\n`);
  return exitCodes.done;
}

function forPrograms({ held, ...row }: TemplateRow) {
  return { ...row, held: held.map((one) => ({ ...one, until: new Date(one.until).toISOString() })) };
}

/** The newest plan of every master. Where NATS is not reached that is told: the file says enough without. */
async function readPlans(
  { connect, environment }: Context,
  { config, nats }: Given,
): Promise<{ plans: Plan[]; fault?: unknown }> {
  try {
    const bus = await connect(await findNats({ config, nats }, environment));
    try {
      const told = await bus.history(channels.plan, streams.PLAN.subjects[0] ?? ">", { limit: masterLimit });
      return { plans: told.map(({ data }) => data) };
    } finally {
      await bus.close();
    }
  } catch (fault) {
    if (hasCode(fault, "bus-unavailable", "invalid-config", "not-found", "credential-refused"))
      return { plans: [], fault };
    throw fault;
  }
}
