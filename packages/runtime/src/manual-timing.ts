import type { Timing } from "./timing.ts";

/** A clock that stands until it is moved, and whose sleepers can be seen. */
export interface ManualTiming extends Timing {
  /** Milliseconds that each of those who sleep now still have before them, soonest first. */
  sleepers(): number[];
  /** Moves the clock, and wakes each sleeper at its own time; what they do before they sleep again happens then too. */
  advance(ms: number): Promise<void>;
  /** Resolves when somebody sleeps: at once where somebody does already. */
  asleep(): Promise<void>;
}

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** How often what was woken may wait for something else that is over already, before it sleeps again. */
const turns = 50;

/** Time for tests: nothing passes unless `advance` says so. `random` always gives the same. */
export function manualTiming(options: { start?: number; random?: number } = {}): ManualTiming {
  let now = options.start ?? 0;
  let sleeping: Sleeper[] = [];
  let watchers: (() => void)[] = [];

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  };

  return {
    monotonic: () => now,
    random: () => options.random ?? 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const sleeper: Sleeper = {
          until: now + Math.max(0, ms),
          wake: () => {
            sleeping = sleeping.filter((other) => other !== sleeper);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleeping.push(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
        const told = watchers;
        watchers = [];
        for (const tell of told) tell();
      }),
    sleepers: () => sleeping.map(({ until }) => until - now).sort((a, b) => a - b),
    advance: async (ms) => {
      const end = now + ms;
      await settle();
      for (;;) {
        const [next] = sleeping.filter(({ until }) => until <= end).sort((a, b) => a.until - b.until);
        if (next === undefined) break;
        now = Math.max(now, next.until);
        next.wake();
        await settle();
      }
      now = end;
    },
    asleep: () => (sleeping.length > 0 ? Promise.resolve() : new Promise((resolve) => watchers.push(resolve))),
  };
}
