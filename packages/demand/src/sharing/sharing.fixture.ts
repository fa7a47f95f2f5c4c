import type { Amounts } from "@kubestack/contracts";
import { divide } from "./divide.ts";

/** A master of a simulation: what arrives there, and its weight. */
export interface SharingMaster {
  readonly name: string;
  readonly weight: number;
  /** Builds that arrive in each moment. */
  readonly load: number;
  /** From this moment on it does nothing more, and its line is written no more; its builds end. */
  readonly diesAt?: number;
}

/** What came of one. */
export interface SharedOut {
  /** Slaves it had, summed over the moments. */
  slaveMoments: number;
  built: number;
  /** Moments that the build waited that waited longest. */
  longestWait: number;
}

interface Running extends SharedOut {
  readonly master: SharingMaster;
  readonly queue: number[];
  readonly ends: number[];
  line: { want: number; since: number; refreshedAt: number };
}

/** A line that is older than this many moments wants nothing any more. */
const freshMoments = 3;

const amounts = (slaves: number): Amounts => ({ slaves, cpu: 0, memory: 0 });

/**
 * Masters that share one cap for as many builds as are wanted, each deciding for itself from the lines, in an order that chance
 * says anew in each moment; a build takes 1 to 20 moments.
 */
export function shareOut(
  masters: readonly SharingMaster[],
  { cap, builds, random }: { cap: number; builds: number; random: () => number },
): Map<string, SharedOut> {
  const all: Running[] = masters.map((master) => ({
    ...{ master, queue: [], ends: [], slaveMoments: 0, built: 0, longestWait: 0 },
    line: { want: 0, since: 0, refreshedAt: 0 },
  }));
  for (let now = 0; all.reduce((sum, { built }) => sum + built, 0) < builds; now += 1) {
    for (const one of all) {
      for (let at = one.ends.length - 1; at >= 0; at -= 1) if ((one.ends[at] ?? 0) <= now) one.ends.splice(at, 1);
      const arrived = Math.floor(one.master.load * (now + 1)) - Math.floor(one.master.load * now);
      one.queue.push(...Array.from({ length: arrived }, () => now));
    }
    const order = all.map((one) => ({ one, at: random() })).sort((a, b) => a.at - b.at);
    for (const { one } of order)
      if (now < (one.master.diesAt ?? Number.POSITIVE_INFINITY)) decide(one, { all, now, cap, random });
    for (const one of all) one.slaveMoments += one.ends.length;
    const used = all.reduce((sum, { ends }) => sum + ends.length, 0);
    if (used > cap) throw new Error(`${used} of ${cap} slaves in moment ${now}`);
  }
  return new Map(all.map((one) => [one.master.name, one]));
}

function decide(one: Running, at: { all: readonly Running[]; now: number; cap: number; random: () => number }): void {
  const { all, now, cap, random } = at;
  const others = all
    .filter((other) => other !== one)
    .map(({ master: { name, weight }, ends, line: { want, since, refreshedAt } }) => ({
      ...{ name, weight, since, used: amounts(ends.length) },
      want: amounts(now - refreshedAt > freshMoments ? 0 : want),
    }));
  const { name, weight } = one.master;
  const since = one.line.want > 0 ? one.line.since : now;
  const asks = one.queue.slice(0, 2 * cap).map(() => amounts(1));
  const { granted } = divide({ slaves: cap }, { name, weight, since, used: amounts(one.ends.length), asks }, others);
  for (const waitedSince of one.queue.splice(0, granted.length)) {
    one.longestWait = Math.max(one.longestWait, now - waitedSince);
    one.ends.push(now + 1 + Math.floor(random() * 20));
    one.built += 1;
  }
  one.line = { want: Math.min(one.queue.length, 2 * cap), since: granted.length > 0 ? now : since, refreshedAt: now };
}

/** Chance that tells the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
