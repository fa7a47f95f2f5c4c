import { describe, expect, test } from "vitest";
import { manualTiming } from "./manual-timing.ts";
import { backoffMs, systemTiming } from "./timing.ts";

describe("the back-off", () => {
  const limits = { leastMs: 1000, mostMs: 30_000 };

  test.each([
    [1, 0, 500],
    [1, 1, 1000],
    [2, 1, 2000],
    [4, 0.5, 6000],
    [5, 1, 16_000],
    [6, 1, 30_000],
    [1000, 1, 30_000],
    [1000, 0, 15_000],
  ])("try %i with the die at %d waits %i ms", (attempt, random, wait) => {
    expect(backoffMs(attempt, limits, random)).toBe(wait);
  });
});

describe("the machine's time", () => {
  test("an aborted sleep is over at once, whether it was aborted before or after it began", async () => {
    const before = AbortSignal.abort();
    await systemTiming.sleep(3_600_000, before);
    const after = new AbortController();
    const sleeping = systemTiming.sleep(3_600_000, after.signal);
    after.abort();
    await sleeping;
  });

  test("sleeps no shorter than asked for, and never goes back", async () => {
    const began = systemTiming.monotonic();
    await systemTiming.sleep(5);
    expect(systemTiming.monotonic() - began).toBeGreaterThan(4);
    await systemTiming.sleep(-1);
  });
});

describe("the tests' own time", () => {
  test("wakes sleepers in the order of their times, and lets them sleep again on the way", async () => {
    const timing = manualTiming();
    const woken: string[] = [];
    const every = async (name: string, ms: number): Promise<void> => {
      for (;;) {
        await timing.sleep(ms);
        woken.push(`${name}@${timing.monotonic()}`);
      }
    };
    void every("two", 20);
    void every("three", 30);
    await timing.advance(60);
    expect(woken).toEqual(["two@20", "three@30", "two@40", "three@60", "two@60"]);
    expect(timing.sleepers()).toEqual([20, 30]);
  });

  test("tells when somebody sleeps, and an aborted sleeper sleeps no more", async () => {
    const timing = manualTiming({ start: 7 });
    const ending = new AbortController();
    const asleep = timing.asleep();
    const sleeping = timing.sleep(10, ending.signal);
    await asleep;
    ending.abort();
    await sleeping;
    expect([timing.sleepers(), timing.monotonic()]).toEqual([[], 7]);
  });
});
