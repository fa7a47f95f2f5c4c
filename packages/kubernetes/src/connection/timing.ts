import { setTimeout as delay } from "node:timers/promises";

/** The clock, the waiting and the chance that this package uses; tests give their own. */
export interface Timing {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; ends early, without an error, when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** At least 0, less than 1. */
  random(): number;
}

/** The machine's own clock and chance. */
export const systemTiming: Timing = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
  random: () => Math.random(),
};
