import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { beNice } from "./cpu-weight.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { startWatchdog } from "./process-watchdog.ts";

/** The variable by which a process is known to belong to a container, wherever it went. */
export const MARK_VARIABLE = "PROCESS_KUBELET_CONTAINER";

/** How long output is waited for after all of a container's processes were killed, in ms. */
const OUTPUT_GRACE_MS = 250;

/** The process waits in a shell for one line before it becomes the container's command: until then the watchdog does not know it. */
const GATE = 'read -r go <&3 || exit 1; exec 3<&-; exec "$@"';

/** How a container's main process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signalNumber: number | undefined;
}

/** A container's processes: one process group, and what escaped from it. */
export interface RunningGroup {
  readonly pid: number;
  /** Resolves when the main process has ended, all others of the container were killed, and their output was read. */
  readonly ended: Promise<ProcessEnd>;
  /** Sends a signal to the whole group; a group that is gone is no error. */
  readonly signal: (signal: "SIGTERM" | "SIGKILL") => void;
}

/** Starts containers' processes so that none outlives the kubelet. */
export interface ProcessGroups {
  /** Starts `plan`; `owner` names the container. Output is given as it comes. Raises the system's error where it cannot be started. */
  start(
    plan: LaunchPlan,
    owner: string,
    onOutput: (stream: "stdout" | "stderr", bytes: Buffer) => void,
  ): Promise<RunningGroup>;
  /** Kills everything that still runs and lets the watchdog end. */
  close(): Promise<void>;
  /** The watchdog's process id. */
  watchdogPid(): number | undefined;
}

/** Process groups of one kubelet life; `life` is a word that no other kubelet has. */
export function processGroups(life: string): ProcessGroups {
  const watchdog = startWatchdog(`${MARK_VARIABLE}=${life}/`);
  const running = new Set<RunningGroup>();
  const start: ProcessGroups["start"] = async (plan, owner, onOutput) => {
    const mark = `${life}/${owner}`;
    const child = spawn("/bin/sh", ["-c", GATE, "sh", ...plan.argv], {
      cwd: plan.workingDir,
      env: { ...plan.env, [MARK_VARIABLE]: mark },
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("spawn", () => resolve(child.pid ?? 0));
      child.once("error", reject);
    });
    const output: Readable[] = [];
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (bytes: Buffer) => onOutput(name, bytes));
      if (child[name] !== null) output.push(child[name]);
    }
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const exited = new Promise<ProcessEnd>((resolve) => {
      child.once("exit", (code, name) => {
        resolve({ code, signalNumber: name === null ? undefined : constants.signals[name] });
      });
    });
    const ended = exited.then(async (end) => {
      signalGroup(pid, "SIGKILL");
      await killMarked(`${MARK_VARIABLE}=${mark}\0`);
      watchdog.release(pid);
      await outputRead(closed, output);
      running.delete(group);
      return end;
    });
    const group: RunningGroup = { pid, ended, signal: (signal) => signalGroup(pid, signal) };
    running.add(group);
    const gate = child.stdio[3] as Writable;
    gate.on("error", () => undefined); // it was killed at the gate: "exit" tells
    await Promise.all([watchdog.watch(pid), beNice(pid, plan.niceness)]);
    gate.end("go\n");
    return group;
  };
  return {
    start,
    close: async () => {
      for (const group of running) group.signal("SIGKILL");
      await Promise.all([...running].map((group) => group.ended));
      await killMarked(`${MARK_VARIABLE}=${life}/`);
      await watchdog.close();
    },
    watchdogPid: () => watchdog.pid(),
  };
}

async function outputRead(closed: Promise<void>, output: readonly Readable[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, OUTPUT_GRACE_MS);
  });
  await Promise.race([closed, tooLong]);
  clearTimeout(timer);
  for (const stream of output) stream.destroy();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** Kills what left its process group, found by its environment. Where the system does not show environments, nothing is found. */
async function killMarked(wanted: string): Promise<void> {
  const names = await readdir("/proc").catch(() => [] as string[]);
  const pids = names.filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const environ = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      if (!`${environ}\0`.includes(wanted)) return;
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }),
  );
}
