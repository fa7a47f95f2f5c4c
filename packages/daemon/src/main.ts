import { join } from "node:path";
import { type Configuration, fileOf, readConfiguration } from "@kubestack/configuration";
import { type AnyServiceName, allServiceNames, hasCode, KubestackError, sentenceOf } from "@kubestack/contracts";
import { createLogger, environment, firstSignal, stateFolder } from "@kubestack/runtime";
import { Command, InvalidArgumentError } from "commander";
import { forgetProcess, goToBackground } from "./background.ts";
import { startDaemon } from "./start.ts";
import { version } from "./version.ts";

interface Options {
  readonly config?: string;
  readonly masters?: string[];
  readonly detach?: boolean;
  readonly pidFile: string;
  readonly logFile: string;
}

const state = stateFolder(environment);

function serviceOf(name: string, before: AnyServiceName[] = []): AnyServiceName[] {
  const service = allServiceNames.find((known) => known === name);
  if (service === undefined) throw new InvalidArgumentError(`Known services: ${allServiceNames.join(", ")}.`);
  return before.includes(service) ? before : [...before, service];
}

const program = new Command("kubestackd")
  .description("Runs KubeStack's services: those that are named, or all in one process.")
  .version(version)
  .argument("[service...]", `${allServiceNames.join(", ")}; none runs all`, serviceOf as never)
  .option("--config <file>", "the configuration; default: KUBESTACK_CONFIG, then /etc/kubestack/config.yaml")
  .option("--masters <names>", "serve only these masters, separated by commas", (names: string) =>
    names.split(",").filter(Boolean),
  )
  .option("-d, --detach", "run in the background, with a pid file")
  .option("--pid-file <file>", "where -d writes the process id", join(state, "kubestackd.pid"))
  .option("--log-file <file>", "where -d writes the log", join(state, "kubestackd.log"))
  .addHelpText(
    "after",
    "\nExample:\n  kubestackd --config /etc/kubestack/config.yaml demand-collector completion-collector\n",
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action((services: AnyServiceName[], options: Options) => run(services, options));

async function run(named: readonly AnyServiceName[], options: Options): Promise<void> {
  const source = { file: options.config, environment };
  const read = await readConfiguration(source);
  const { configuration } = read;
  refuseStrangers(configuration, options);
  if (options.detach === true) {
    const pid = await goToBackground({
      args: process.argv.slice(1).filter((argument) => argument !== "-d" && argument !== "--detach"),
      pidFile: options.pidFile,
      logFile: options.logFile,
    });
    process.stdout.write(`kubestackd runs as process ${pid}; its log is ${options.logFile}\n`);
    return;
  }
  const log = createLogger({ level: configuration.log.level });
  const signalled = firstSignal();
  const services = named.length === 0 ? allServiceNames : named;
  const daemon = await startDaemon({ read, source, masters: options.masters, services, log, environment });
  log.info({ version, services, nats: daemon.natsUrl }, "kubestackd is ready");
  const end = await Promise.race([signalled, daemon.broken.then((sentence) => ({ sentence }))]);
  if (typeof end === "string") log.info(`${end}: ending`);
  else log.fatal(`${end.sentence}: ending`);
  await daemon.stop();
  await forgetProcess(options.pidFile);
  process.exit(typeof end === "string" ? 0 : 1);
}

/** `--masters` must name masters of the file: a mistyped one would be served by nobody. */
function refuseStrangers({ masters }: Configuration, options: Options): void {
  const known = masters.map(({ name }) => name);
  const unknown = (options.masters ?? []).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const file = fileOf({ file: options.config, environment });
  throw new KubestackError(
    "invalid-config",
    `--masters: ${unknown.join(", ")} is no master of ${file} (${known.join(", ")}); correct it`,
    { retry: "never" },
  );
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`kubestackd: ${sentenceOf(error)}\n`);
  process.exit(hasCode(error, "invalid-config") ? 2 : 1);
}
