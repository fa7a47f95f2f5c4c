import { readFileSync } from "node:fs";

/**
 * When the process began, in the kernel's ticks since boot: with its number it names one process for good. `alive` where the system
 * does not tell; `gone` if there is none, or only a dead one that nobody has reaped.
 */
export function processStart(pid: number): string {
  if (!Number.isInteger(pid) || pid <= 0) return "gone";
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // from field 3 of proc(5) on; the name before may hold spaces
    return fields[0] === "Z" || fields[0] === "X" ? "gone" : (fields[19] ?? "alive");
  } catch {
    return isSignalable(pid) ? "alive" : "gone";
  }
}

function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
