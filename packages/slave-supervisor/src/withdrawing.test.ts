import { describe, expect, test } from "vitest";
import { graceMs, type Leftovers, noLeftovers, withdrawalsOf, yieldMs } from "./withdrawing.ts";

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

  test("goes after a few rounds where it yields to what waits for a cap that it holds (H34), never after one alone", () => {
    const yields = new Set(["two"]);
    const at = (now: number, before: Leftovers) =>
      withdrawalsOf(before, [one, two], { now, withdrawnOfLate: never, yields });
    const first = at(0, noLeftovers);
    const next = at(yieldMs - 1, first.leftovers);
    expect([first.due, next.due, at(yieldMs, next.leftovers).due]).toEqual([[], [], ["two"]]);
    const used = withdrawalsOf(next.leftovers, [one], { now: yieldMs, withdrawnOfLate: never, yields });
    expect(at(yieldMs + 1, used.leftovers).due).toEqual([]);
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
