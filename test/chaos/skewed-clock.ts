/** How wrong a process's clock goes. */
export interface Skew {
  /** By so much it is ahead, in milliseconds. */
  readonly byMs: number;
  /** It jumps there after this time, in milliseconds; 0: it is wrong from the start. */
  readonly afterMs: number;
}

const variable = "CHAOS_CLOCK";
const mark = "the clock of this process is ahead by ";

/** What a process is started with that loads this file first. */
export function environmentOf({ byMs, afterMs }: Skew): Record<string, string> {
  return { [variable]: `${byMs},${afterMs}` };
}

/** By how much the clock is ahead from this line of the log on; undefined where the line does not tell. */
export function offsetIn(line: string): number | undefined {
  return line.startsWith(mark) ? Number(line.slice(mark.length)) : undefined;
}

/** Sets this process's clock; what measures time that passes is left. */
function setAhead(byMs: number): void {
  const trueNow = Date.now;
  const TrueDate = Date;
  globalThis.Date = class extends TrueDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [trueNow() + byMs] : given) as [number]));
    }

    static override now(): number {
      return trueNow() + byMs;
    }
  } as DateConstructor;
  process.stdout.write(`${mark}${byMs}\n`);
}

const [byMs = 0, afterMs = 0] = (process.env[variable] ?? "").split(",").map(Number);
if (process.env[variable] !== undefined) {
  if (afterMs > 0) setTimeout(() => setAhead(byMs), afterMs).unref();
  setAhead(afterMs > 0 ? 0 : byMs);
}
