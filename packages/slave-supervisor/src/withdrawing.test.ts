import { describe, expect, test } from "vitest";
import { graceMs, noLeftovers, withdrawalsOf } from "./withdrawing.ts";

const one = { name: "one", template: "t" };
const two = { name: "two", template: "t" };
const never = () => 0;

describe("a slave that is left over", () => {
  test("goes after it was left over in every round of 30 s", () => {
    let { leftovers, due } = withdrawalsOf(noLeftovers, [one], { now: 0, withdrawnOfLate: never });
    expect(due).toEqual([]);
    ({ leftovers, due } = withdrawalsOf(leftovers, [one, two], { now: 29_999, withdrawnOfLate: never }));
    expect(due).toEqual([]);
    ({ leftovers, due } = withdrawalsOf(leftovers, [one, two], { now: 30_000, withdrawnOfLate: never }));
    expect(due).toEqual(["one"]);
    expect(leftovers.since.get("two")).toBe(29_999);
  });

  test("begins anew when a round had a use for it", () => {
    const first = withdrawalsOf(noLeftovers, [one], { now: 0, withdrawnOfLate: never });
    const used = withdrawalsOf(first.leftovers, [], { now: 15_000, withdrawnOfLate: never });
    const again = withdrawalsOf(used.leftovers, [one], { now: 40_000, withdrawnOfLate: never });
    expect(again.due).toEqual([]);
    expect(again.leftovers.since.get("one")).toBe(40_000);
  });

  test("goes at once where it yields to what waits for a cap that it holds (H34)", () => {
    const yields = new Set(["two"]);
    const { leftovers, due } = withdrawalsOf(noLeftovers, [one, two], { now: 0, withdrawnOfLate: never, yields });
    expect([due, leftovers.since.get("one")]).toEqual([["two"], 0]);
  });

  test.each([
    [0, 30_000],
    [1, 60_000],
    [4, 480_000],
    [5, 600_000],
    [1000, 600_000],
  ])("after %i withdrawals of its template has a grace of %i ms", (times, grace) => {
    expect(graceMs(times)).toBe(grace);
    const { leftovers } = withdrawalsOf(noLeftovers, [one], { now: 0, withdrawnOfLate: () => times });
    const due = (now: number) => withdrawalsOf(leftovers, [one], { now, withdrawnOfLate: () => times }).due;
    expect([due(grace - 1), due(grace)]).toEqual([[], ["one"]]);
  });
});
