import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { KubestackError } from "@kubestack/contracts";

export interface BackgroundOptions {
  /** The arguments of the program that goes on in the background. */
  readonly args: readonly string[];
  readonly pidFile: string;
  readonly logFile: string;
}

/** A program that can't begin ends within this time, in milliseconds. */
const beginningMs = 1500;

/** Starts this program anew in the background, with its process id in a file. Returns the id. */
export async function goToBackground({ args, pidFile, logFile }: BackgroundOptions): Promise<number> {
  const running = await runningProcess(pidFile, args[0] ?? "");
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
  closeSync(output);
  const { pid } = child;
  if (pid === undefined) throw new KubestackError("missing-part", "kubestackd could not be started in the background.");
  await writeFile(pidFile, `${pid}\n`);
  const end = await endWithin(child, beginningMs);
  if (end !== undefined) {
    await rm(pidFile, { force: true });
    throw new KubestackError("missing-part", `kubestackd ended at once with ${end}; ${logFile} says why`);
  }
  child.unref();
  return pid;
}

/** Takes away the file that names this process; one that names another stays. */
export async function forgetProcess(pidFile: string): Promise<void> {
  if ((await writtenId(pidFile)) === process.pid) await rm(pidFile, { force: true });
}

function endWithin(child: ChildProcess, ms: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      resolve(signal ?? `code ${code}`);
    });
  });
}

async function writtenId(pidFile: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).trim());
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** The process that the file names, if it runs and is this program: ids are used again. */
async function runningProcess(pidFile: string, program: string): Promise<number | undefined> {
  const pid = await writtenId(pidFile);
  if (pid === undefined || !isAlive(pid)) return undefined;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  return commandLine === undefined || commandLine.split("\0").includes(program) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, and is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
