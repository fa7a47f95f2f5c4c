import { expect, test } from "vitest";
import { clip, elapsed, paint, seconds, timeOfDay } from "./text.ts";

test.each([
  ["short", 10, "short"],
  ["exactly", 7, "exactly"],
  ["too long", 7, "too lo…"],
  ["x", 0, ""],
  ["a\u001b[2Jb\nc", 20, "a [2Jb c"],
])("%j in %d columns is %j", (text, width, shown) => {
  expect(clip(text, width)).toBe(shown);
});

test.each([
  [-5, "0s"],
  [59_999, "59s"],
  [60_000, "1m00s"],
  [3_599_000, "59m59s"],
  [3_720_000, "1h02m"],
])("%d ms have passed: %s", (ms, text) => {
  expect(elapsed(ms)).toBe(text);
});

test("seconds have tenths; what is not known is a dash", () => {
  expect([seconds(3449), seconds(0), seconds(-1), seconds(null)]).toEqual(["3.4", "0.0", "0.0", "–"]);
});

test("the time of day is local and to the millisecond", () => {
  expect(timeOfDay(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe("03:04:05.006");
});

test("nothing is painted where nothing is seen", () => {
  expect([paint("  ", "bad"), paint("x", "plain"), paint("x", "bad")]).toEqual(["  ", "x", "\u001b[31mx\u001b[0m"]);
});
