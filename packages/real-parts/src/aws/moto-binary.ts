import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { buildOnce } from "../cache/build-once.ts";
import { findPrograms } from "../find-program.ts";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";

const VERSION = "5.2.5";

/** The Python that knows moto 5.2.5, a server of AWS's APIs, installed into the cache if it is not there. Raises `missing-part`. */
export async function motoPython(options: PartOptions = {}): Promise<string> {
  const context = partContext(options);
  const folder = await buildOnce({ part: "moto", version: VERSION }, context, (draft) => install(draft, context));
  return join(folder, "bin", "python");
}

async function install(draft: string, context: PartContext): Promise<void> {
  const python = findPrograms("python3", context.environment.path)[0];
  if (python === undefined) throw noMoto();
  const shared = { env: context.environment.all, signal: context.signal, progress: context.progress };
  try {
    await runCommand({
      ...shared,
      title: "making a Python environment for moto",
      command: python,
      args: ["-m", "venv", draft],
      timeoutMs: 120_000,
    });
    await runCommand({
      ...shared,
      title: `installing moto ${VERSION}`,
      command: join(draft, "bin", "python"),
      args: ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `moto[server]==${VERSION}`],
      timeoutMs: 600_000,
    });
  } catch (error) {
    context.signal?.throwIfAborted();
    throw noMoto(error);
  }
}

function noMoto(cause?: unknown): KubestackError {
  return new KubestackError(
    "missing-part",
    `moto ${VERSION}, a server of AWS's APIs for tests, could not be installed: install Python 3.10 or later with venv, or go on without the tests of the target aws-asg`,
    { retry: "never", cause },
  );
}
