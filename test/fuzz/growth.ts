import { leastMs } from "./cost.ts";
import type { FuzzedParser } from "./parser.ts";

/** How the cost of a family of hostile inputs grows with their length. */
export interface Growth {
  readonly family: string;
  /** Of the longest input that was tried, in characters. */
  readonly size: number;
  /** What that one cost, in milliseconds of processor time. */
  readonly ms: number;
  /** By how much the cost grew where the length doubled, the worse of two doublings; 0 where it costs next to nothing. */
  readonly ratio: number;
  /** What was raised though it must not be; then nothing was measured. */
  readonly raised?: unknown;
}

/** Twice the length may cost this much more. */
export const mostGrowth = 2.5;
/** Less than this, in milliseconds, is too little to be compared, a tenth of what one parse may cost; so is what costs less than so many times the shortest one. */
const comparableMs = 5;
const comparableTimes = 4;
const shortest = 512;
const usualLongest = 256 * 1024;
const fewestTries = 7;
/** What is over the limit in each of so many measurements is no accident of a busy machine; each has twice the tries of the one before. */
const measurements = 4;

/** Measures each family at three lengths, each twice the one before. */
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
  let size = shortest;
  try {
    // What breaks a parser by its depth or length does so at once.
    await cost(longest, 1);
    // Short ones tell nothing but what every input costs; the first that takes its time is as good as any.
    const enoughMs = Math.max(comparableMs, comparableTimes * (await cost(shortest, tries)));
    while (size * 8 <= longest && (await cost(size, 2)) < enoughMs) size *= 2;
    const [once, twice, fourTimes] = [
      await cost(size, tries),
      await cost(size * 2, tries),
      await cost(size * 4, tries),
    ];
    const ratio = Math.max(ratioOf(once, twice), ratioOf(twice, fourTimes));
    return { family, size: size * 4, ms: fourTimes, ratio };
  } catch (raised) {
    return { family, size: longest, ms: 0, ratio: 0, raised };
  }
}

function ratioOf(before: number, after: number): number {
  return after < comparableMs ? 0 : after / Math.max(before, comparableMs / mostGrowth);
}
