/** The machine's time, so that tests can put a clock of their own in its place. */
export interface Timing {
  /** A clock that never goes back, in milliseconds. */
  monotonic(): number;
  /** Resolves after `ms`, or as soon as `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

export const systemTiming: Timing = {
  monotonic: () => performance.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      signal?.addEventListener("abort", done, { once: true });
    }),
};

/** How long to wait before try number `attempt` (from 1): doubled each time, with jitter, never beyond `mostMs`. */
export function backoffMs(attempt: number, limits: { leastMs: number; mostMs: number }, random: number): number {
  const full = Math.min(limits.mostMs, limits.leastMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (0.5 + random / 2));
}
