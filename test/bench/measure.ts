/** A limit that holds on any machine, because both of its figures were measured in the same run. */
export interface Ratio {
  readonly name: string;
  readonly ratio: number;
  readonly limit: number;
  /** What was measured, in milliseconds or in times a second, for people. */
  readonly figures: Readonly<Record<string, number>>;
}

const rounds = 20;
const warmUps = 3;

/**
 * The least time each of these needs, in milliseconds, of twenty tries taken in turn: a machine that is busy for a while slows all of
 * them, and the least is the one that was disturbed least.
 */
export function leastTimes<Name extends string>(work: Readonly<Record<Name, () => unknown>>): Record<Name, number> {
  const entries = Object.entries<() => unknown>(work);
  const least = new Map<string, number>();
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const [name, run] of entries) {
      const startedAt = performance.now();
      run();
      const tookMs = performance.now() - startedAt;
      if (round >= warmUps) least.set(name, Math.min(least.get(name) ?? tookMs, tookMs)); // the first ones only warm up
    }
  }
  return Object.fromEntries(least) as Record<Name, number>;
}

/** Three digits are all that a measurement like this is worth. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** Measures up to three times: a ratio that is over its limit each time is no accident of a busy machine. */
export function confirmed(bench: () => Ratio): Ratio {
  const first = bench();
  const again = first.ratio <= first.limit ? [] : [bench(), bench()];
  return again.reduce((best, one) => (one.ratio < best.ratio ? one : best), first);
}

/** The least value that so large a share of all does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** How many milliseconds of processor time something takes. */
export function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
