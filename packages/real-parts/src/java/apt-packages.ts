import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { takeLock } from "../cache/lock.ts";
import { findPrograms } from "../find-program.ts";
import type { PartContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";

/**
 * Installs the first of `packages` that the system's package manager has; false where that is not possible: not root, no apt-get, or
 * none could be installed. The caller then says in its own words what is missing.
 */
export async function installPackage(packages: readonly string[], context: PartContext): Promise<boolean> {
  const aptGet = findPrograms("apt-get", context.environment.path)[0];
  if (aptGet === undefined || process.getuid?.() !== 0) return false;
  await mkdir(context.environment.cacheDir, { recursive: true });
  const lock = await takeLock(join(context.environment.cacheDir, "packages.lock"), { signal: context.signal });
  const run = (args: string[], title: string) =>
    runCommand({
      title,
      command: aptGet,
      args: ["-qq", "-o", "DPkg::Lock::Timeout=300", ...args],
      env: { ...context.environment.all, DEBIAN_FRONTEND: "noninteractive" },
      timeoutMs: 15 * 60_000,
      signal: context.signal,
      progress: context.progress,
    });
  try {
    await run(["update"], "refreshing the package lists");
    for (const name of packages) {
      if (await succeeds(run(["install", "-y", "--no-install-recommends", name], `installing ${name}`), context))
        return true;
    }
    return false;
  } catch {
    context.signal?.throwIfAborted();
    return false;
  } finally {
    await lock.release();
  }
}

async function succeeds(work: Promise<unknown>, context: PartContext): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    context.signal?.throwIfAborted();
    return false;
  }
}
