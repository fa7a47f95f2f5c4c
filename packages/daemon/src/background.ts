import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { KubestackError } from "@kubestack/contracts";

export interface BackgroundOptions {
  /** The arguments of the program that goes on in the background. */
  readonly args: readonly string[];
  readonly pidFile: string;
  readonly logFile: string;
}

/** Starts this program anew in the background, with its process id in a file. Returns the id. */
export async function goToBackground({ args, pidFile, logFile }: BackgroundOptions): Promise<number> {
  const running = await runningProcess(pidFile);
  if (running !== undefined)
    throw new KubestackError(
      "already-exists",
      `kubestackd runs already as process ${running} (${pidFile}); stop it first: kill ${running}`,
      { retry: "never" },
    );
  await Promise.all([pidFile, logFile].map((file) => mkdir(dirname(file), { recursive: true })));
  const output = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    detached: true,
    stdio: ["ignore", output, output],
  });
  child.unref();
  if (child.pid === undefined)
    throw new KubestackError("missing-part", "kubestackd could not be started in the background.");
  await writeFile(pidFile, `${child.pid}\n`);
  return child.pid;
}

async function runningProcess(pidFile: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).trim());
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
