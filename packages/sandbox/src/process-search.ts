import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that belongs to a world. */
export interface FoundProcess {
  readonly pid: number;
  /** The beginning of its command line, for people. */
  readonly command: string;
}

/**
 * The processes whose command line, environment or working folder names `folder`, this one left out. Where the system
 * does not show its processes as files, none are found.
 */
export function processesOf(folder: string): FoundProcess[] {
  return numbersIn("/proc").flatMap((pid) => {
    if (pid === process.pid) return [];
    const command = read(pid, "cmdline");
    const isOfFolder = [command, read(pid, "environ"), workingFolder(pid)].some((text) => text.includes(folder));
    return isOfFolder ? [{ pid, command: command.replaceAll("\0", " ").trim().slice(0, 80) }] : [];
  });
}

/** Kills them; returns those that were there. */
export function killProcessesOf(folder: string): FoundProcess[] {
  const found = processesOf(folder);
  for (const { pid } of found) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function read(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "latin1");
  } catch {
    return ""; // gone, or another user's
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}
