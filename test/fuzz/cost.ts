import { KubestackError } from "@kubestack/contracts";
import { refusal } from "./parser.ts";

/** What reading one input came to. */
export interface Outcome {
  /** Of processor time, in milliseconds. */
  readonly ms: number;
  readonly isRefused: boolean;
  /** What was raised though nothing may be but KubestackErrors. */
  readonly raised?: unknown;
}

/** Reads one input, and measures it. */
export async function readOnce(read: (input: string) => unknown, input: string): Promise<Outcome> {
  const before = process.cpuUsage();
  try {
    const reading = read(input);
    const answer = reading instanceof Promise ? await reading : reading;
    return { ms: msSince(before), isRefused: answer === refusal };
  } catch (error) {
    const ms = msSince(before);
    return error instanceof KubestackError ? { ms, isRefused: true } : { ms, isRefused: false, raised: error };
  }
}

/** Of the process and the kernel for it: how much of it is whose is only guessed by the kernel, in ticks. */
function msSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least time of several tries: collecting garbage and compiling belong to none of them alone. Raises what `read` must not raise. */
export async function leastMs(read: (input: string) => unknown, input: string, tries: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let left = tries; left > 0; left -= 1) {
    const outcome = await readOnce(read, input);
    if ("raised" in outcome) throw outcome.raised;
    least = Math.min(least, outcome.ms);
  }
  return least;
}
