import { describe, expect, test } from "vitest";
import { printAge, printSpan } from "./age.ts";
import { buildName, nameBuilds } from "./build-name.ts";
import { clockNote } from "./clock-note.ts";
import { fold } from "./fold.ts";
import { printMinute, printTime } from "./local-time.ts";
import { filterOf, parseNames } from "./name-filter.ts";
import { plain } from "./plain.ts";
import { cut, pad, widthOf } from "./width.ts";

const [second, minute, hour] = [1000, 60_000, 3_600_000];

test.each([
  [-5000, "0s"],
  [0, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [4 * minute, "4m"],
  [6 * minute + 12 * second, "6m12s"],
  [9 * minute + 59 * second, "9m59s"],
  [41 * minute + 40 * second, "41m"],
  [hour + 4 * minute, "1h4m"],
  [2 * hour, "2h"],
  [76 * hour, "3d4h"],
])("an age of %i ms reads %s", (ms, text) => {
  expect(printAge(ms)).toBe(text);
});

test.each([
  [-1, "0ms"],
  [40, "40ms"],
  [100, "0.1s"],
  [900, "0.9s"],
  [9_949, "9.9s"],
  [9_950, "10s"],
  [68_000, "68s"],
  [99_499, "99s"],
  [99_500, "1m39s"],
  [83 * minute, "1h23m"],
])("a span of %i ms reads %s", (ms, text) => {
  expect(printSpan(ms)).toBe(text);
});

test.each([
  ["http://ci/job/shop/job/api/412/", "shop/api #412"],
  ["http://ci:8080/prefix/job/api/412/", "api #412"],
  ["http://ci/job/shop/job/api/", "shop/api"],
  ["http://ci/job/7/", "7"],
  ["http://ci/job/7/8/", "7 #8"],
  ["http://ci/job/job/job/job/3/", "job/job #3"],
  ["http://ci/job/m/job/feature%252Fx/9/", "m/feature%2Fx #9"],
  ["http://ci/job/matrix/label=a/9/", "matrix/label=a #9"],
  ["http://ci/job/%E4/1/", "%E4 #1"],
  ["http://ci/queue/item/4/", "http://ci/queue/item/4/"],
  ["no address", "no address"],
])("%s is the build %s", (url, name) => {
  expect(buildName(url)).toBe(name);
});

test("addresses of builds in a sentence become names, others stay", () => {
  expect(nameBuilds("runs http://ci/job/a/1/.")).toBe("runs a #1.");
  expect(nameBuilds("http://ci/job/a/1/ is over (see http://ci/log)")).toBe("a #1 is over (see http://ci/log)");
});

test("a text can't steer the terminal", () => {
  expect(plain("a\u001b[31mred\u0007\r\n\tb\u202ec ")).toBe("a[31mred bc");
});

describe("width", () => {
  test.each([
    ["", 0],
    ["abc", 3],
    ["日本", 4],
    ["e\u0301", 1],
    ["🚀x", 3],
    ["–…", 2],
  ])("%s takes %i cells", (text, cells) => {
    expect(widthOf(text)).toBe(cells);
  });

  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 4, "abc…"],
    ["日本語", 4, "日…"],
    ["ab cdef", 4, "ab…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("%s cut at %i is %s", (text, width, result) => {
    expect(cut(text, width)).toBe(result);
    expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width);
  });

  test("padding counts cells, not characters", () => {
    expect(pad("日", 4)).toBe("日  ");
    expect(pad("7", 3, "left")).toBe("  7");
  });
});

test("a sentence is folded at blanks; a long word stays whole", () => {
  expect(fold("one two three", 7)).toEqual(["one two", "three"]);
  expect(fold("http://long.example/x y", 5)).toEqual(["http://long.example/x", "y"]);
});

test("a time of another day carries its day", () => {
  const at = new Date(2026, 2, 4, 9, 14, 3, 120).getTime();
  expect(printTime(at, at + hour)).toBe("09:14:03.120");
  expect(printMinute(at, at + hour)).toBe("09:14");
  expect(printTime(at, at + 24 * hour)).toBe("2026-03-04 09:14:03.120");
});

test.each([
  ["a,b", { a: true, b: true, c: false }],
  ["!a", { a: false, b: true }],
  ["a,!b", { a: true, b: false, c: false }],
  [" a , ", { a: true, b: false }],
  ["", { a: true }],
])("the list %j", (text, passes) => {
  const filter = filterOf(parseNames(text));
  expect(Object.fromEntries(Object.keys(passes).map((name) => [name, filter(name)]))).toEqual(passes);
});

test("a clock is only spoken of when it is more than two seconds behind", () => {
  expect(clockNote(2000)).toBeUndefined();
  expect(clockNote(-9000)).toBeUndefined();
  expect(clockNote(3200)).toContain("at least 3.2s behind");
});
