import { KubestackError, sentenceOf } from "@kubestack/contracts";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { faultOfServer, splitServers } from "./address/choose-source.ts";
import { findNats } from "./address/find-nats.ts";
import { faultOfHttpServer } from "./address/http-server.ts";
import { addConfig } from "./config/command.ts";
import { type Context, type ExitCode, exitCodes, type Perform, type Session } from "./context.ts";
import { addDoctor } from "./doctor/command.ts";
import { addEvents } from "./events/command.ts";
import { addExplain } from "./explain/command.ts";
import { addHold } from "./hold/command.ts";
import { addHolds } from "./holds/command.ts";
import { addImport } from "./import/command.ts";
import { addList } from "./list/command.ts";
import { addMasters } from "./masters/command.ts";
import { addPools } from "./pools/command.ts";
import { addStatus } from "./status/command.ts";
import { addTemplateChanges } from "./templates/change/command.ts";
import { addTemplates } from "./templates/command.ts";
import { fold } from "./text/fold.ts";
import { type OutputForm, outputForms } from "./text/output-form.ts";
import { plain } from "./text/plain.ts";

interface GlobalOptions {
  readonly config?: string;
  readonly nats?: string[];
  readonly server?: string;
  readonly output: OutputForm;
}

/** Runs the command line. Whatever fails is one sentence on the error output. */
export async function run(args: readonly string[], context: Context): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram(context, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUse;
    const { width } = context.terminal.errors ?? context.terminal;
    context.terminal.err(`${folded(`kubestackcmd: ${sentenceFor(error)}`, width)}\n`);
    return exitCodes.failed;
  }
}

/** A list of faults broken at blanks rather than anywhere, where there is a terminal; what is one line stays one, to be copied. */
function folded(text: string, width: number | undefined): string {
  if (width === undefined || !text.includes("\n")) return text;
  return text
    .split("\n")
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? "";
      return fold(line.slice(indent.length), Math.max(20, width - indent.length)).map((part) => `${indent}${part}`);
    })
    .join("\n");
}

/** The faults of a configuration file stand one below the other; everything else is one line. */
function sentenceFor(error: unknown): string {
  const sentence = sentenceOf(error);
  return error instanceof KubestackError && error.code === "invalid-config" ? sentence : plain(sentence);
}

function createProgram(context: Context, ended: (code: ExitCode) => void): Command {
  const program = new Command("kubestackcmd");
  program
    .description("Shows what KubeStack does: which builds wait, why, and the slaves that live. Short name: ks.")
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [verb]", "print the help of a verb")
    .exitOverride()
    .showHelpAfterError("(--help shows what there is)")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => context.terminal.out(text),
      writeErr: (text) => context.terminal.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, "kubestackcmd: ")),
      getOutHelpWidth: () => context.terminal.width ?? 100,
      getErrHelpWidth: () => (context.terminal.errors ?? context.terminal).width ?? 100,
    })
    .addOption(new Option("--config <file>", "KubeStack's configuration: it says where NATS is (KUBESTACK_CONFIG)"))
    .addOption(new Option("--nats <url>", "NATS, as nats://host:port[,…] (KUBESTACK_NATS)").argParser(servers))
    .addOption(
      new Option("--server <url>", "KubeStack's HTTP, as http://host:port, instead of NATS; for explain")
        .argParser(httpServer)
        .conflicts("nats"),
    )
    .addOption(
      new Option("-o, --output <form>", "form of the output")
        .choices(outputForms)
        .default("table" satisfies OutputForm),
    )
    .addHelpText(
      "after",
      [
        "",
        "NATS is the one of --nats or KUBESTACK_NATS, of --config or KUBESTACK_CONFIG,",
        "of a running sandbox, or of /etc/kubestack/config.yaml: the first that is there.",
        "",
        "Exit codes: 0 done, 1 failed, 2 wrong use.",
        "",
        "Example:",
        "  kubestackcmd status",
      ].join("\n"),
    );
  const perform: Perform = async (work) => {
    const { config, nats, output: form } = program.opts<GlobalOptions>();
    const { terminal, now } = context;
    const bus = await context.connect(await findNats({ config, nats }, context.environment));
    const session: Session = { bus, terminal, form, now };
    try {
      ended(await work(session));
    } finally {
      await bus.close();
    }
  };
  const given = () => {
    const { config, nats, server, output: form } = program.opts<GlobalOptions>();
    return { config, nats, server, form };
  };
  addStatus(program, perform);
  addExplain(program, { perform, context, given, ended });
  addList(program, perform);
  addMasters(program, perform, context);
  addHold(program, perform, context);
  addHolds(program, perform, context);
  addPools(program, perform);
  addEvents(program, perform, () => context.interrupted());
  addDoctor(program, { context, given, ended });
  const templates = addTemplates(program, { context, given, ended });
  addConfig(program, { context, given, ended });
  addTemplateChanges(program, templates, { perform, context });
  addImport(program, { context, given, ended });
  // Nothing is asked elsewhere than where it was said.
  program.hook("preAction", (_, verb) => {
    if (given().server === undefined || verb.name() === "explain") return;
    const name = verb.parent === program || verb.parent === null ? verb.name() : `${verb.parent.name()} ${verb.name()}`;
    program.error(`error: ${name} can't be asked over HTTP yet: leave out --server.`);
  });
  return program;
}

function httpServer(text: string): string {
  const fault = faultOfHttpServer(text);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault}.`);
  return text;
}

function servers(text: string): string[] {
  const list = splitServers(text);
  const fault = list.length === 0 ? "name one" : list.map(faultOfServer).find((one) => one !== undefined);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault}.`);
  return list;
}
