import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import type { Imported } from "@kubestack/import";
import { type Command, InvalidArgumentError } from "commander";
import { type Context, type ExitCode, exitCodes, type Terminal } from "../context.ts";
import { type OutputForm, printData } from "../text/output-form.ts";
import { commentedYaml } from "./commented-yaml.ts";
import { reportLines } from "./report-lines.ts";
import { resultFaults } from "./result-faults.ts";

/** What the verb is put together with. */
export interface ImportSetting {
  readonly context: Context;
  /** `-o`, as it is given. */
  readonly given: () => { readonly form: OutputForm };
  readonly ended: (code: ExitCode) => void;
}

/** A file to be imported may have so many bytes; its text is limited once more where it is read. */
const sizeLimit = 8 * 1024 * 1024;

interface JcascFlags {
  readonly master: string;
  readonly cloud?: string;
  readonly report?: string;
}

interface PodFlags {
  readonly name?: string;
  readonly labels?: string;
  readonly agentContainer?: string;
  readonly report?: string;
}

/** `import`: what the Kubernetes plugin is told, in our form, and what becomes of each field. It needs no NATS. */
export function addImport(program: Command, { context, given, ended }: ImportSetting): void {
  const command = program
    .command("import")
    .description(
      "Write a configuration from what the Kubernetes plugin of Jenkins is told, and say what becomes of each field.",
    )
    .helpCommand(false);
  const finish = async (imported: Imported, report: string | undefined): Promise<void> => {
    await print(imported, { report, form: given().form, terminal: context.terminal });
    ended(exitCodes.done);
  };
  command
    .command("jcasc")
    .description(
      "Import the clouds of a Jenkins' configuration-as-code: its export, the Jenkins chart's ConfigMap, or its values.",
    )
    .argument("<file>", "the file; - is the input")
    .option("--master <name>", "the name that the master gets", name, "jenkins")
    .option("--cloud <name>", "import this cloud alone; default: all of the first one's cluster")
    .option("--report <file>", "write the report into a file; default: the error output")
    .addHelpText("after", afterJcasc)
    .action(async (file: string, { master, cloud, report }: JcascFlags) => {
      // Loaded only here: the other verbs need none of it.
      const { importJcasc } = await import("@kubestack/import");
      await finish(importJcasc(await textOf(file), shown(file), { master, cloud }), report);
    });
  command
    .command("pod-template")
    .description("Import the pod of a pipeline's agent { kubernetes { yaml … } } as one template.")
    .argument("<file>", "the pod's manifest; - is the input")
    .option("--name <name>", "the template's name; default: the pod's")
    .option("--labels <words>", "its labels; default: its name")
    .option(
      "--agent-container <name>",
      "the container that builds run in; default: jnlp, which is added where there is none",
    )
    .option("--report <file>", "write the report into a file; default: the error output")
    .addHelpText("after", afterPod)
    .action(async (file: string, { report, ...options }: PodFlags) => {
      const { importPodTemplate } = await import("@kubestack/import");
      await finish(importPodTemplate(await textOf(file), shown(file), options), report);
    });
}

const afterJcasc =
  "\nThe configuration goes to the output, the report to the error output: what is\nchanged or lost; -o wide and --report tell each field. -o json gives both as\ndata. What has to be filled in stands at the report's end.\n\nExample:\n  kubestackcmd import jcasc jenkins.yaml > config.yaml";
const afterPod =
  "\nThe template goes to the output, to be put into templates: of a configuration.\n\nExample:\n  kubestackcmd import pod-template pod.yaml --name maven --labels 'maven jdk21'";

function name(text: string): string {
  if (!/^[^\s\p{Cc}]{1,100}$/u.test(text)) throw new InvalidArgumentError("Give a name without blanks.");
  return text;
}

function shown(file: string): string {
  return file === "-" ? "the input" : file;
}

async function textOf(file: string): Promise<string> {
  try {
    return await bounded(file === "-" ? process.stdin : createReadStream(file), shown(file));
  } catch (error) {
    if (error instanceof KubestackError) throw error;
    throw failed(`${shown(file)} can't be read (${sentenceOf(error)}): name a file, or - for the input.`);
  }
}

async function bounded(stream: Readable, name: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    const read = Buffer.from(part as Uint8Array);
    bytes += read.length;
    if (bytes > sizeLimit) throw failed(`${name} is longer than 8 MiB: take the part that matters out of it.`);
    parts.push(read);
  }
  return Buffer.concat(parts).toString("utf8");
}

function failed(sentence: string): KubestackError {
  return new KubestackError("invalid-config", sentence, { retry: "never" });
}

async function print(
  { form, comments, report }: Imported,
  { report: file, form: output, terminal }: { report: string | undefined; form: OutputForm; terminal: Terminal },
): Promise<void> {
  const faults = await resultFaults(form);
  const isFile = file !== undefined;
  // Mostly the result goes into a file, and the report to the terminal.
  const { width, colour } = terminal.errors ?? terminal;
  const canvas = isFile ? { width: undefined, colour: false } : { width, colour };
  const lines = reportLines({ ...report, faults }, { ...canvas, all: isFile || output === "wide" });
  const printed = output === "json" ? printData({ ...report, faults }, "json") : `${lines.join("\n")}\n`;
  if (isFile) await write(file, printed);
  if (output === "json") terminal.out(printData({ configuration: form, report: { ...report, faults } }, "json"));
  else {
    terminal.out(commentedYaml(form, comments));
    if (!isFile) terminal.err(printed);
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw failed(`The report can't be written to ${file} (${sentenceOf(error)}): name another file.`);
  }
}
