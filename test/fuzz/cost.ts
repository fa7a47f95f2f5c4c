import { KubestackError } from "@kubestack/contracts";
import { refusal } from "./parser.ts";

/** What reading one input came to. */
export interface Outcome {
  /** Of processor time, in milliseconds. */
  readonly ms: number;
  /** The part of it in which our own code ran, and not the kernel, which gives a process its memory page by page. */
  readonly userMs: number;
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
    return { ...timeSince(before), isRefused: answer === refusal };
  } catch (error) {
    const time = timeSince(before);
    return error instanceof KubestackError
      ? { ...time, isRefused: true }
      : { ...time, isRefused: false, raised: error };
  }
}

function timeSince(before: NodeJS.CpuUsage): Pick<Outcome, "ms" | "userMs"> {
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, userMs: user / 1000 };
}

/** The least time in our own code of several tries: collecting garbage and compiling belong to none of them alone. Raises what `read` must not raise. */
export async function leastMs(read: (input: string) => unknown, input: string, tries: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let left = tries; left > 0; left -= 1) {
    const outcome = await readOnce(read, input);
    if ("raised" in outcome) throw outcome.raised;
    least = Math.min(least, outcome.userMs);
  }
  return least;
}
