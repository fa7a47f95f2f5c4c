import { hasCode } from "@kubestack/contracts";
import type { Observation } from "@kubestack/explain";
import { manualTiming } from "@kubestack/runtime/testing";
import { afterEach, describe, expect, test } from "vitest";
import { forgottenMs, freshMs, World } from "./world.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A world whose readings the test ends, each with a number of its own. */
function world() {
  const timing = manualTiming();
  const readings: PromiseWithResolvers<Observation>[] = [];
  const forgotten: number[] = [];
  const one = new World({
    timing,
    read: () => {
      const reading = Promise.withResolvers<Observation>();
      readings.push(reading);
      return reading.promise;
    },
    forget: () => forgotten.push(timing.monotonic()),
  });
  ends.push(() => one.stop());
  const answer = (at: number) => readings[at]?.resolve({ newestStamp: at } as Observation);
  return { one, timing, readings, forgotten, answer };
}

const numberOf = async (looking: Promise<Observation>) => (await looking).newestStamp;

describe("the world is read", () => {
  test("once for all who ask while it is, and for those who ask within a second of its beginning", async () => {
    const { one, timing, readings, answer } = world();
    const first = [one.look(), one.look(), one.look()];
    expect(readings).toHaveLength(1);
    answer(0);
    expect(await Promise.all(first.map(numberOf))).toEqual([0, 0, 0]);
    await timing.advance(freshMs - 1);
    expect(await numberOf(one.look())).toBe(0);
    expect(readings).toHaveLength(1);
  });

  test("anew for who asks later, by when the reading began", async () => {
    const { one, timing, readings, answer } = world();
    const slow = one.look();
    await timing.advance(900);
    answer(0);
    await slow;
    await timing.advance(100);
    const next = one.look();
    expect(readings).toHaveLength(2);
    answer(1);
    expect(await numberOf(next)).toBe(1);
  });

  test("anew for who asks while an old reading is under way still, once for all of them, whatever becomes of it", async () => {
    for (const becomes of ["answered", "failed"]) {
      const { one, timing, readings, answer } = world();
      const old = one.look().catch(() => undefined);
      await timing.advance(freshMs);
      const late = [one.look(), one.look()];
      expect(readings).toHaveLength(1);
      if (becomes === "answered") answer(0);
      else readings[0]?.reject(new Error("NATS is away"));
      await old;
      await timing.advance(0);
      expect(readings).toHaveLength(2);
      answer(1);
      expect(await Promise.all(late.map(numberOf))).toEqual([1, 1]);
    }
  });

  test("again after a reading that failed: an error is never an empty world", async () => {
    const { one, readings, answer } = world();
    const failed = one.look();
    readings[0]?.reject(new Error("NATS is away"));
    await expect(failed).rejects.toThrow("NATS is away");
    const next = one.look();
    answer(1);
    expect(await numberOf(next)).toBe(1);
  });

  test("and a reading that does not end is given up", async () => {
    const { one, timing, answer } = world();
    const failed = one.look().catch((error: unknown) => error);
    await timing.advance(8000);
    expect(hasCode(await failed, "bus-unavailable")).toBe(true);
    const next = one.look();
    answer(1);
    expect(await numberOf(next)).toBe(1);
  });
});

test("what nobody asks for any more is forgotten, and not before", async () => {
  const { one, timing, forgotten, answer } = world();
  const first = one.look();
  answer(0);
  await first;
  await timing.advance(forgottenMs - 1000);
  const second = one.look();
  answer(1);
  await second;
  await timing.advance(1000);
  expect(forgotten).toEqual([]);
  await timing.advance(forgottenMs);
  expect(forgotten).toEqual([2 * forgottenMs - 1000]);
});

test("the end lets go whoever waits", async () => {
  const { one, forgotten } = world();
  const waiting = one.look().catch((error: unknown) => error);
  await one.stop();
  expect(hasCode(await waiting, "bus-unavailable")).toBe(true);
  expect(forgotten).toEqual([0]);
});
