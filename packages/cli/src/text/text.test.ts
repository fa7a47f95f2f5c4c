import { describe, expect, test } from "vitest";
import { clockNote } from "./clock-note.ts";
import { fold } from "./fold.ts";
import { printMinute, printTime } from "./local-time.ts";
import { filterOf, parseNames } from "./name-filter.ts";
import { plain } from "./plain.ts";
import { cut, pad, widthOf } from "./width.ts";

const hour = 3_600_000;

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
