import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { KubestackError } from "@kubestack/contracts";
import { guardGroup, releaseGroup } from "./guard.ts";
import { lastLines } from "./log-tail.ts";

/** What to start and how to know that it is up. */
export interface ProcessOptions {
  /** For people: `kube-apiserver`. */
  readonly name: string;
  readonly command: string;
  /** Seen by everybody on the machine: never a secret. */
  readonly args: readonly string[];
  /** Both output streams are appended to it. */
  readonly logFile: string;
  readonly cwd?: string | undefined;
  /** The child's whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Asked again and again until it says true; a rejection counts as "not yet". Absent: up as soon as it is started. */
  readonly isReady?: (() => Promise<boolean> | boolean) | undefined;
  /** Asked as often: true ends the waiting, for programs that log why they can't go on and then stay. */
  readonly isHopeless?: (() => boolean) | undefined;
  /** Default 60000. */
  readonly readyTimeoutMs?: number | undefined;
  /** From SIGTERM to SIGKILL. Default 5000; 0 kills at once. */
  readonly graceMs?: number | undefined;
  /** Cuts the starting: the child is stopped. One that is up is ended by its `stop` alone. */
  readonly signal?: AbortSignal | undefined;
}

/** How a child ended. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child in a process group of its own. */
export interface RunningProcess {
  readonly name: string;
  /** Also the number of its process group. */
  readonly pid: number;
  readonly logFile: string;
  /** Settles when it has ended, however; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  isRunning(): boolean;
  /** Sends a signal to the whole group, e.g. SIGSTOP in a test; nothing happens if it is gone. */
  send(signal: NodeJS.Signals): void;
  /** Ends the whole group and waits for that; may be called twice. */
  stop(): Promise<void>;
}

const READY_POLL_MS = 40;

/**
 * Starts a child in its own process group and waits until it is ready. The group is ended when this process goes, even by SIGKILL.
 * Raises `missing-part` if it can't be started, ends early or is not ready in time; the message carries the last lines of its log, and
 * nothing is left running.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  options.signal?.throwIfAborted();
  const running = await spawnGroup(options);
  try {
    if (options.isReady !== undefined) await untilReady(running, { ...options, isReady: options.isReady });
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function spawnGroup(options: ProcessOptions): Promise<RunningProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, "a", 0o600);
  const child = spawn(options.command, [...options.args], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once("error", resolve));
    throw new KubestackError("missing-part", `${options.name} could not be started from ${options.command}`, {
      retry: "never",
      cause,
    });
  }
  guardGroup(pid);
  let isGone = false;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      isGone = true;
      sendTo(pid, "SIGKILL"); // what it left behind in its group: the number is ours until the last member is gone
      releaseGroup(pid);
      resolve({ exitCode, signal });
    });
  });
  const send = (signal: NodeJS.Signals) => {
    if (!isGone) sendTo(pid, signal);
  };
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    ended,
    isRunning: () => !isGone,
    send,
    stop: () => stopGroup({ send, ended }, options.graceMs ?? 5_000),
  };
}

function sendTo(pgid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pgid, signal);
  } catch {
    // gone already
  }
}

async function stopGroup(child: Pick<RunningProcess, "send" | "ended">, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    child.send("SIGTERM");
    child.send("SIGCONT"); // a stopped process does not see SIGTERM
    const timer = new AbortController();
    await Promise.race([child.ended, pause(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }
  child.send("SIGKILL");
  await child.ended;
}

/** What `untilReady` waits for. */
export interface Readiness {
  /** A rejection counts as "not yet". */
  readonly isReady: () => Promise<boolean> | boolean;
  readonly isHopeless?: (() => boolean) | undefined;
  /** Default 60000. */
  readonly readyTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Waits until `isReady` says true. Raises `missing-part` with the end of the log if the child ends before or time is up. */
export async function untilReady(running: RunningProcess, readiness: Readiness): Promise<void> {
  const timeoutMs = readiness.readyTimeoutMs ?? 60_000;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    readiness.signal?.throwIfAborted();
    if (!running.isRunning()) throw failure(running, `ended before it was ready (${describe(await running.ended)})`);
    if (await isReadyNow(readiness.isReady)) return;
    if (readiness.isHopeless?.() === true) throw failure(running, "can't go on");
    if (performance.now() > deadline) throw failure(running, `was not ready within ${timeoutMs / 1000} s`);
    await Promise.race([pause(READY_POLL_MS), running.ended]);
  }
}

async function isReadyNow(isReady: () => Promise<boolean> | boolean): Promise<boolean> {
  try {
    return await isReady();
  } catch {
    return false;
  }
}

function describe(end: ProcessEnd): string {
  return end.signal === null ? `exit code ${end.exitCode}` : `signal ${end.signal}`;
}

function failure(running: RunningProcess, what: string): KubestackError {
  const lines = lastLines(running.logFile);
  const log = lines.length === 0 ? "its log is empty" : `the end of its log:\n${lines.join("\n")}`;
  return new KubestackError("missing-part", `${running.name} ${what}; ${log}`);
}
