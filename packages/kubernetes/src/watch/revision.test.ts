import { expect, test } from "vitest";
import { compareRevisions } from "./revision.ts";

test.each([
  ["9", "10", -1],
  ["10", "9", 1],
  ["10", "10", 0],
  ["9007199254740993", "9007199254740992", 1],
  ["0", "1", -1],
])("%s against %s", (a, b, sign) => {
  expect(Math.sign(compareRevisions(a, b))).toBe(sign);
});
