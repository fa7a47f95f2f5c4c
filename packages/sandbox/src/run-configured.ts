import { readConfiguration } from "@kubestack/configuration";
import { allServiceNames, hasCode, sentenceOf } from "@kubestack/contracts";
import { startDaemon, version } from "@kubestack/daemon";
import { createLogger, environment } from "@kubestack/runtime";
import { onInterruption, onParentGone } from "./interruption.ts";

/** Runs every service against what a configuration file names, until a signal, and returns the exit code. */
export async function runConfigured(file: string): Promise<number> {
  const ending = onInterruption({
    source: process,
    monotonic: () => performance.now(),
    force: (code) => process.exit(code),
  });
  onParentGone(ending);
  const told = new Promise<undefined>((resolve) =>
    ending.signal.addEventListener("abort", () => resolve(undefined), { once: true }),
  );
  try {
    const source = { file, environment };
    const read = await readConfiguration(source);
    const log = createLogger({ level: read.configuration.log.level });
    const daemon = await startDaemon({ read, source, services: allServiceNames, log, environment });
    log.info({ version, nats: daemon.natsUrl }, "KubeStack is ready; Ctrl-C ends it");
    const fault = await Promise.race([told, daemon.broken]);
    if (fault === undefined) log.info(sentenceOf(ending.signal.reason));
    else log.fatal(`${fault}: ending`);
    await daemon.stop();
    return fault === undefined ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    return hasCode(error, "invalid-config") ? 2 : 1;
  }
}
