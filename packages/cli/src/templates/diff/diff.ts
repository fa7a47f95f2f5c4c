import { basename } from "node:path";
import { commands, type RunningTemplate } from "@kubestack/contracts";
import { annotationNames, type Json, type JsonMap, settingsOf } from "@kubestack/templates";
import { findNats } from "../../address/find-nats.ts";
import type { Context } from "../../context.ts";
import { printData } from "../../text/output-form.ts";
import { mapOf } from "../agent-container.ts";
import type { Given } from "../command.ts";
import type { Judgement } from "../judgement.ts";
import { podText } from "../pod-text.ts";
import { shownPod } from "../specimen.ts";
import { masterFor, type TemplateFile, templateNamed } from "../template-file.ts";
import { unified } from "./unified.ts";

/** Which template is compared, for which master. */
export interface DiffOptions {
  readonly name: string;
  readonly master?: string | undefined;
}

/** `templates render --diff`: what the file would change of what the services launch now. Raises what keeps it from being compared. */
export async function compare(
  of: TemplateFile,
  { context, given, name, master: asked }: DiffOptions & { readonly context: Context; readonly given: Given },
): Promise<Judgement> {
  const { terminal } = context;
  const found = templateNamed(name, of);
  const master = masterFor(found.template, asked, of);
  const running = await ask(context, given, { master: master.name, template: name });
  const install = running === null ? undefined : installIn(running.pod);
  const { pod } = shownPod(found, { master, install }, of);
  const sides = { running, written: { pod, settings: settingsOf(found.template) } };
  const isData = given.form === "json" || given.form === "yaml";
  const colour = terminal.colour && !isData;
  const text = diffText(sides, { template: name, master: master.name, file: of.file }, colour);
  if (isData)
    terminal.out(
      printData(
        { template: name, master: master.name, isRunning: running !== null, changed: text !== "", diff: text },
        given.form === "json" ? "json" : "yaml",
      ),
    );
  else terminal.out(text === "" ? `${name} is as it runs for master ${master.name}: nothing changes.\n` : text);
  return text === "" ? "nothing found" : "found";
}

type Side = { readonly pod: JsonMap; readonly settings: JsonMap };

/** Both parts of a template, one after the other. One that does not run yet is new as a whole. */
export function diffText(
  { running, written }: { readonly running: Side | null; readonly written: Side },
  { template, master, file }: { readonly template: string; readonly master: string; readonly file: string },
  colour: boolean,
): string {
  return (["settings", "pod"] as const)
    .map((part) => {
      const from =
        running === null ? `nothing runs: ${master} has no ${template}` : `what runs: ${master}, ${template}, ${part}`;
      const before = { name: from, text: running === null ? "" : plainText(running[part]) };
      const after = { name: `${basename(file)}: ${master}, ${template}, ${part}`, text: plainText(written[part]) };
      return unified({ before, after }, colour);
    })
    .join("");
}

function plainText(map: JsonMap): string {
  return podText(map, { width: undefined, colour: false });
}

async function ask(
  { connect, environment }: Context,
  { config, nats }: Given,
  request: { readonly master: string; readonly template: string },
): Promise<Side | null> {
  const bus = await connect(await findNats({ config, nats }, environment));
  try {
    const { template }: RunningTemplate = await bus.request(commands.runningTemplate, request, {
      master: request.master,
    });
    return template as Side | null;
  } finally {
    await bus.close();
  }
}

function installIn(pod: JsonMap): string | undefined {
  const install: Json | undefined = mapOf(mapOf(pod.metadata).annotations)[annotationNames.install];
  return typeof install === "string" ? install : undefined;
}
