import type { Timing } from "../src/connection/timing.ts";

/** A clock that stands until it is moved, and whose sleepers can be seen. */
export interface ManualTiming extends Timing {
  /** Milliseconds that each sleeper asked for, those that sleep now. */
  sleepers(): number[];
  /** Moves the clock and wakes whoever is due. */
  advance(ms: number): void;
}

export function manualTiming(random = 0.5): ManualTiming {
  let now = 1_000_000;
  let sleeping: { ms: number; until: number; wake: () => void }[] = [];
  return {
    now: () => now,
    random: () => random,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        const entry = { ms, until: now + ms, wake: resolve };
        sleeping.push(entry);
        const wake = () => {
          sleeping = sleeping.filter((other) => other !== entry);
          resolve();
        };
        if (signal?.aborted) wake();
        signal?.addEventListener("abort", wake, { once: true });
      });
    },
    sleepers: () => sleeping.map((entry) => entry.ms),
    advance(ms) {
      now += ms;
      const due = sleeping.filter((entry) => entry.until <= now);
      sleeping = sleeping.filter((entry) => entry.until > now);
      for (const entry of due) entry.wake();
    },
  };
}
