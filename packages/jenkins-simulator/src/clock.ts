import type { MasterCore } from "./core/core.ts";

/** Keeps a running master's appointments. */
export interface ClockDriver {
  /** Resolves when the master's clock has come so far. */
  until(atMs: number): Promise<void>;
  stop(): void;
}

/** Longest that a timer is set for, in ms: longer ones would overflow. */
const longestMs = 60_000;

/** Time of a master that begins now and runs `speed` times as fast as real time. */
export function runningClock(speed: number): () => number {
  const beginMs = Date.now();
  const begin = performance.now();
  return () => beginMs + (performance.now() - begin) * speed;
}

/** Wakes the master whenever something is due. Without a `clock`, whoever advances the master does. */
export function driveClock(core: MasterCore, clock: (() => number) | undefined, speed: number): ClockDriver {
  const until = (atMs: number) =>
    atMs <= core.nowMs() ? Promise.resolve() : new Promise<void>((resolve) => core.at(atMs, resolve));
  if (clock === undefined) return { until, stop: () => undefined };
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const arm = () => {
    clearTimeout(timer);
    const nextAtMs = core.nextAtMs();
    if (nextAtMs === null || isStopped) return;
    const waitMs = Math.max(0, (nextAtMs - clock()) / speed);
    timer = setTimeout(wake, Math.min(waitMs + 1, longestMs));
    timer.unref();
  };
  const wake = () => {
    core.advanceTo(clock());
    arm();
  };
  core.state.timeline.watch(arm);
  arm();
  return {
    until,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
