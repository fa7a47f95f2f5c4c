import { atLaunch } from "@kubestack/templates";
import { type ExitCode, exitCodes, type Terminal } from "../context.ts";
import { type OutputForm, printData } from "../text/output-form.ts";
import { ownerForPrograms, remarkOf } from "./owner-words.ts";
import { inPrintOrder, type Place, podText, type Remark } from "./pod-text.ts";
import { type ShownPod, shownPod } from "./specimen.ts";
import { type FoundTemplate, isLaunched, masterFor, type TemplateFile, templateNamed } from "./template-file.ts";

/** What is to be shown of which template. */
export interface RenderOptions {
  readonly name: string;
  readonly master?: string | undefined;
  readonly origin: boolean;
  readonly form: OutputForm;
}

/** `templates render`: the pod that a template would launch. */
export function render(of: TemplateFile, terminal: Terminal, options: RenderOptions): ExitCode {
  const { name, origin, form } = options;
  const found = templateNamed(name, of);
  const master = masterFor(found.template, options.master, of);
  const shown = shownPod(found, { master }, of);
  if (form === "json") terminal.out(printData(origin ? ownersOf(shown, master.name) : inPrintOrder(shown.pod), "json"));
  else {
    const { width, colour } = terminal;
    const remark = origin ? remarksOn(shown, { master: master.name, namespace: "(kubernetes.namespace)" }) : undefined;
    if (form !== "yaml") terminal.out(headOf(found, master.name));
    terminal.out(podText(shown.pod, { width, colour, ...(remark === undefined ? {} : { remark }) }));
  }
  return exitCodes.done;
}

function headOf({ template }: FoundTemplate, master: string): string {
  const idle = isLaunched(template) ? [] : ["# Nothing is launched from it, since it has no labels."];
  return [
    `# The pod of a slave of template ${template.name}, for a build of master ${master}.`,
    ...idle,
    `# ${atLaunch} stands for what only a launch knows.`,
    "",
  ].join("\n");
}

function ownersOf({ origins }: ShownPod, master: string): Readonly<Record<string, string>> {
  return {
    "metadata.namespace": "kubernetes.namespace",
    ...Object.fromEntries(origins.map((one) => [one.path, ownerForPrograms(one, master)])),
  };
}

function remarksOn({ origins }: ShownPod, { master, namespace }: { master: string; namespace: string }): Remark {
  const key = (at: Place): string => JSON.stringify(at);
  const remarks = new Map(origins.map((one) => [key(one.at), remarkOf(one, master)]));
  remarks.set(key(["metadata", "namespace"]), namespace);
  return (at) => remarks.get(key(at));
}
