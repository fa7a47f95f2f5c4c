import { describe, expect, test } from "vitest";
import { type Refill, refillOf } from "./refill.ts";

const target = { floor: 3, idle: 3, refillDelay: 30_000 };
const known = (since?: number): Refill => ({ floor: 3, since });

describe("what is missing is launched", () => {
  test.each<[string, Refill | undefined, number, number, Refill, boolean]>([
    ["not where nothing is", known(), 3, 100, known(), false],
    [
      "at once where the rule is new, as at the beginning of its window",
      undefined,
      0,
      100,
      known(Number.NEGATIVE_INFINITY),
      true,
    ],
    [
      "at once where it wants more than before",
      { floor: 1, since: undefined },
      1,
      100,
      known(Number.NEGATIVE_INFINITY),
      true,
    ],
    [
      "and goes on so while a cap keeps it from it",
      known(Number.NEGATIVE_INFINITY),
      2,
      100,
      known(Number.NEGATIVE_INFINITY),
      true,
    ],
    ["after the delay where one was taken: not yet", known(), 2, 100, known(100), false],
    ["after the delay: not a moment before", known(100), 2, 30_099, known(100), false],
    ["after the delay: then", known(100), 2, 30_100, known(100), true],
    ["never where all are there again", known(100), 3, 30_100, known(), false],
  ])("%s", (_, before, unclaimed, now, refill, isDue) => {
    expect(refillOf(before, target, { unclaimed, now })).toEqual({ refill, isDue });
  });

  test("at once where there is no delay", () => {
    expect(refillOf(known(), { ...target, refillDelay: 0 }, { unclaimed: 2, now: 100 }).isDue).toBe(true);
  });
});
