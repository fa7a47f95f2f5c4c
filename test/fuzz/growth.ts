import { leastMs } from "./cost.ts";
import type { FuzzedParser } from "./parser.ts";

/** How the cost of a family of hostile inputs grows with their length. */
export interface Growth {
  readonly family: string;
  /** Of the dearest input, in characters. */
  readonly size: number;
  /** What that one cost, in milliseconds of processor time. */
  readonly ms: number;
  /** By how much the cost grew where the length doubled, in the mean of up to four doublings; 0 where it costs next to nothing. */
  readonly ratio: number;
  /** What was raised though it must not be; then nothing was measured. */
  readonly raised?: unknown;
}

/** Twice the length may cost this much more. */
export const mostGrowth = 2.5;
/** Less than this, in milliseconds, is too little to be compared, a tenth of what one parse may cost. */
const comparableMs = 5;
const shortest = 512;
/** One doubling alone tells little: what the machine does beside, or the engine's memory, may make any one cost twice as much. */
const mostDoublings = 4;
const usualLongest = 256 * 1024;
const fewestTries = 7;
/** What is over the limit in each of so many measurements is no accident of a busy machine; each has twice the tries of the one before. */
const measurements = 4;

/** Compares the dearest of each family with one a few doublings shorter. */
export async function growthsOf(parser: FuzzedParser): Promise<Growth[]> {
  const growths: Growth[] = [];
  for (const [family, make] of Object.entries(parser.growing)) {
    let best = await growthOf(parser, { family, make, tries: fewestTries });
    for (let again = 1; again < measurements && best.ratio > mostGrowth; again += 1) {
      const next = await growthOf(parser, { family, make, tries: fewestTries * 2 ** again });
      if (next.ratio < best.ratio) best = next;
    }
    growths.push(best);
  }
  return growths;
}

async function growthOf(
  parser: FuzzedParser,
  { family, make, tries }: { readonly family: string; readonly make: (size: number) => string; readonly tries: number },
): Promise<Growth> {
  const longest = parser.longest ?? usualLongest;
  const cost = (size: number, count: number): Promise<number> => leastMs(parser.read, make(size), count);
  try {
    let [size, most] = [longest, await cost(longest, 2)];
    // What a limit refuses costs less than what is just below it.
    for (let shorter = longest / 2; shorter >= shortest; shorter /= 2) {
      const ms = await cost(shorter, 2);
      if (ms > most) [size, most] = [shorter, ms];
    }
    const doublings = Math.min(mostDoublings, Math.floor(Math.log2(size / shortest)));
    if (most < comparableMs || doublings < 1) return { family, size, ms: most, ratio: 0 };
    const [before, ms] = [await cost(size / 2 ** doublings, tries), await cost(size, tries)];
    return { family, size, ms, ratio: ms < comparableMs ? 0 : (ms / before) ** (1 / doublings) };
  } catch (raised) {
    return { family, size: longest, ms: 0, ratio: 0, raised };
  }
}
