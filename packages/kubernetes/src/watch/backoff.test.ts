import { expect, test } from "vitest";
import { watchBackoffMs } from "./backoff.ts";

test.each([
  [1, 1, 200],
  [1, 0, 100],
  [2, 1, 400],
  [7, 1, 12_800],
  [8, 1, 15_000],
  [8, 0, 7_500],
  [5_000, 1, 15_000],
])("after %i failures, with chance %f, it waits %i ms", (failures, random, expected) => {
  expect(watchBackoffMs(failures, random)).toBe(expected);
});

test("what the server asks for is never undercut", () => {
  expect(watchBackoffMs(1, 0, 30_000)).toBe(30_000);
  expect(watchBackoffMs(9, 1, 1_000)).toBe(15_000);
});
