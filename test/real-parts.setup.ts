import { sentenceOf } from "@kubestack/contracts";
import {
  controlPlaneBinaries,
  gearmandBinary,
  hudsonWar,
  java,
  kwokBinary,
  motoPython,
  natsServerBinary,
} from "@kubestack/real-parts";

/**
 * Finds or builds the real parts before the first test that needs them, with progress, so that no test's time runs out over a build.
 * Vitest calls it only where such tests are to be run.
 */
export async function setup(): Promise<void> {
  const cut = new AbortController();
  const interrupt = () => cut.abort(new Error("interrupted"));
  const options = { progress: (line: string) => process.stderr.write(`${line}\n`), signal: cut.signal };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
  try {
    // Java's parts are fetched while Go compiles; Go's builds take all cores by themselves, so one after the other.
    await Promise.all([goParts(options), javaParts(options)]);
  } catch (error) {
    cut.abort(error);
    throw error;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupt);
  }
}

type Options = NonNullable<Parameters<typeof java>[0]>;

async function goParts(options: Options): Promise<void> {
  await natsServerBinary(options);
  await controlPlaneBinaries(options);
  await kwokBinary(options);
}

async function javaParts(options: Options): Promise<void> {
  await java(options);
  await hudsonWar(options);
  // Few tests need these, and not every machine can have them: those say themselves what is missing.
  for (const part of [gearmandBinary, motoPython])
    await part(options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      options.progress?.(sentenceOf(error));
    });
}
