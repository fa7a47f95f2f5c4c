import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { lastLines } from "./log-tail.ts";
import { startProcess } from "./start-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A command that runs to its end. */
export interface CommandOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** The command is ended then. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What it is, for progress and errors: `building kube-apiserver`. */
  readonly title: string;
  /** Told every ten seconds how long it has been running. */
  readonly progress?: ((line: string) => void) | undefined;
  /** Added to those lines, e.g. `first time about 5 min`. */
  readonly hint?: string | undefined;
}

const PROGRESS_MS = 10_000;

/**
 * Runs a command to its end and gives what it printed on both streams: for commands that print little.
 * Raises `missing-part` with the last lines of its output if it fails or takes too long, the signal's reason when cut; nothing that it
 * started in its group is left running.
 */
export async function runCommand(options: CommandOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const scratch = await temporaryFolder("run");
  const logFile = join(scratch.path, "output.log");
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  options.progress?.(progressLine(options, 0));
  const ticking = setInterval(() => options.progress?.(progressLine(options, elapsedMs())), PROGRESS_MS);
  try {
    const running = await startProcess({ ...options, name: options.title, logFile, graceMs: 2_000 });
    const cut = () => void running.stop();
    const timer = setTimeout(cut, options.timeoutMs);
    options.signal?.addEventListener("abort", cut, { once: true });
    if (options.signal?.aborted === true) cut();
    const end = await running.ended;
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", cut);
    options.signal?.throwIfAborted();
    if (end.exitCode === 0) return await readFile(logFile, "utf8");
    const why =
      end.exitCode === null ? `was cut after ${durationText(elapsedMs())}` : `failed (exit code ${end.exitCode})`;
    const lines = lastLines(logFile).join("\n");
    throw new KubestackError("missing-part", `${options.title} ${why}: ${options.command} said:\n${lines}`);
  } finally {
    clearInterval(ticking);
    await scratch.remove();
  }
}

/** `building kube-apiserver… 2m10s (first time about 5 min)`. */
function progressLine(options: CommandOptions, elapsedMs: number): string {
  const elapsed = elapsedMs < 1_000 ? "" : ` ${durationText(elapsedMs)}`;
  return `${options.title}…${elapsed}${options.hint === undefined ? "" : ` (${options.hint})`}`;
}

/** `2m10s`, `45s`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}
