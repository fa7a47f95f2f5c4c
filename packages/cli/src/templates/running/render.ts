import type { Bus } from "@kubestack/bus";
import {
  commands,
  type KnownTemplate,
  KubestackError,
  type RunningTemplate,
  type TemplateBookTold,
} from "@kubestack/contracts";
import { mergedStatus } from "@kubestack/explain";
import { atLaunch, type JsonMap } from "@kubestack/templates";
import { findNats } from "../../address/find-nats.ts";
import { type Context, type ExitCode, exitCodes } from "../../context.ts";
import { meantInstead } from "../../text/near.ts";
import { printData } from "../../text/output-form.ts";
import { plain } from "../../text/plain.ts";
import type { Given } from "../command.ts";
import { inPrintOrder, podText } from "../pod-text.ts";
import { isLaunched } from "../template-file.ts";
import { sourceOf } from "../template-table.ts";
import { askBook } from "./book.ts";

/** Which template is shown, for which master. */
export interface RunningRenderOptions {
  readonly given: Given;
  readonly name: string;
  readonly master?: string | undefined;
}

/** `templates render` of what runs: the pod that the master's slave-supervisor would launch next, wherever the template comes from. */
export async function renderRunning(
  { terminal, environment, connect, now }: Context,
  { given, name, master: asked }: RunningRenderOptions,
): Promise<ExitCode> {
  const bus = await connect(await findNats({ config: given.config, nats: given.nats }, environment));
  try {
    const known = knownTemplate(name, await askBook(bus));
    const master = masterFor(known, asked, await mastersOf(bus));
    const { template }: RunningTemplate = await bus.request(
      commands.runningTemplate,
      { master, template: name },
      { master },
    );
    if (template === null) throw notFound(`Master ${master} has no template '${name}' now; ask again.`);
    const pod = template.pod as JsonMap;
    if (given.form === "json") terminal.out(printData(inPrintOrder(pod), "json"));
    else {
      if (given.form !== "yaml") terminal.out(headOf(known, { master, now: now() }));
      terminal.out(podText(pod, terminal));
    }
    return exitCodes.done;
  } finally {
    await bus.close();
  }
}

function headOf(known: KnownTemplate, { master, now }: { readonly master: string; readonly now: number }): string {
  const { name, from, applied = null } = known;
  return [
    `# The pod of the next slave of template ${name}, for a build of master ${master}.`,
    `# As the services have it; it comes from: ${sourceOf({ from, applied }, now)}.`,
    ...(isLaunched(known) ? [] : ["# Nothing is launched from it, since it has no labels."]),
    `# ${atLaunch} stands for what only a launch knows.`,
  ]
    .map((line) => `${plain(line)}\n`)
    .join("");
}

function knownTemplate(name: string, book: TemplateBookTold | undefined): KnownTemplate {
  if (book === undefined)
    throw new KubestackError(
      "bus-unavailable",
      "No slave-supervisor answers: start one, or name the file whose template is meant with --config FILE.",
      { retry: "backoff" },
    );
  const known = book.templates.find((one) => one.name === name);
  if (known !== undefined) return known;
  const fault = book.faults.find(({ template }) => template === name);
  const names = book.templates.map((one) => one.name);
  throw notFound(
    fault === undefined
      ? `The services have no template '${name}'; ${meantInstead(name, names)}`
      : `Template ${name} is left out: ${fault.sentence}.`,
  );
}

/** Those that a slave-supervisor serves, in the configuration's order. */
async function mastersOf(bus: Bus): Promise<readonly string[]> {
  const status = mergedStatus(await bus.requestAll(commands.supervisorStatus, {}));
  return status?.masters.map(({ master }) => master) ?? [];
}

function masterFor({ name, masters }: KnownTemplate, asked: string | undefined, all: readonly string[]): string {
  const served = all.filter((one) => masters.includes("*") || masters.includes(one));
  const master = asked === undefined ? served[0] : served.find((one) => one === asked);
  if (master !== undefined) return master;
  throw notFound(
    asked === undefined
      ? `Template ${name} serves no master that a slave-supervisor has.`
      : `Template ${name} serves no master '${asked}'; ${meantInstead(asked, served)}`,
  );
}

function notFound(sentence: string): KubestackError {
  return new KubestackError("not-found", sentence, { retry: "never" });
}
