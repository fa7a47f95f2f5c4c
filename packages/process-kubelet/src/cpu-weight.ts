import { writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import type { Container } from "./pod.ts";

/** What a process has that asks for nothing: the node's own services, and everything else that runs on this machine. */
const ordinaryShares = 1024;

/** The least that a container gets, as Kubernetes has it for one that asks for no processor. */
const leastShares = 2;

/** By so much one level of niceness lessens a process's part of the processor, on Linux. */
const perLevel = 1.25;

const factors: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, "": 1, k: 1e3 };

/**
 * The niceness of a container's processes, 0 to 19: a kubelet turns the processor that a container asks for into its weight
 * against what else runs on the machine, 1024 for a whole processor. Here that weight is written as niceness.
 * So a pod that asks for little does not starve a server that runs beside it, as it would not on a node of its own.
 */
export function nicenessOf(container: Container): number {
  const asked = /^([0-9.]+)([numk]?)$/.exec(container.resources?.requests?.cpu ?? "");
  const processors = asked === null ? 0 : Number(asked[1]) * (factors[asked[2] ?? ""] ?? 1);
  const shares = Math.max(leastShares, processors * ordinaryShares);
  const level = Math.round(Math.log(ordinaryShares / shares) / Math.log(perLevel));
  return Math.min(19, Math.max(0, level));
}

/**
 * Gives a session's first process, and whatever it starts, its niceness. Where Linux weighs whole sessions, the session's
 * is set too. A system that allows or knows neither runs the process as any other.
 */
export async function beNice(pid: number, niceness: number): Promise<void> {
  try {
    setPriority(pid, niceness);
  } catch {
    // It is gone already, or the system has its own rules.
  }
  await writeFile(`/proc/${pid}/autogroup`, String(niceness)).catch(() => undefined);
}
