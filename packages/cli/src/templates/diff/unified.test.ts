import fc from "fast-check";
import { expect, test } from "vitest";
import { unified } from "./unified.ts";

const compare = (before: string, after: string, colour = false) =>
  unified({ before: { name: "old", text: before }, after: { name: "new", text: after } }, colour);
const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join("");
const many = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `l${from + at}`);

test.each<[string, string, string, string]>([
  ["nothing changed", lines("a", "b"), lines("a", "b"), ""],
  ["both empty", "", "", ""],
  ["all new", "", lines("a", "b"), lines("--- old", "+++ new", "@@ -0,0 +1,2 @@", "+a", "+b")],
  ["all gone", lines("a"), "", lines("--- old", "+++ new", "@@ -1,1 +0,0 @@", "-a")],
  [
    "what went comes first",
    lines("a", "b", "c"),
    lines("a", "x", "c"),
    lines("--- old", "+++ new", "@@ -1,3 +1,3 @@", " a", "-b", "+x", " c"),
  ],
  [
    "three lines around",
    lines(...many(0, 10)),
    lines(...many(0, 5), "x", ...many(6, 10)),
    lines("--- old", "+++ new", "@@ -3,7 +3,7 @@", " l2", " l3", " l4", "-l5", "+x", " l6", " l7", " l8"),
  ],
  [
    "two far from each other",
    lines("a", ...many(0, 9), "b"),
    lines(...many(0, 9)),
    lines(
      "--- old",
      "+++ new",
      "@@ -1,4 +1,3 @@",
      "-a",
      " l0",
      " l1",
      " l2",
      "@@ -8,4 +7,3 @@",
      " l6",
      " l7",
      " l8",
      "-b",
    ),
  ],
])("%s", (_, before, after, shown) => {
  expect(compare(before, after)).toBe(shown);
});

test("of long texts that are unlike everything is shown", () => {
  const shown = compare(lines("same", ...many(0, 2000)), lines("same", ...many(5000, 7000)));
  expect(shown.split("\n").filter((line) => line.startsWith("+"))).toHaveLength(2001);
  expect(shown).toContain("@@ -1,2001 +1,2001 @@\n same\n-l0\n");
});

test("colours are for terminals", () => {
  expect(compare("a\n", "b\n", true)).toContain("\u001b[31m-a\u001b[39m");
});

/** What `patch` would make of the first text. */
function patched(before: string, change: string): string {
  const old = before.split("\n").slice(0, -1);
  const made: string[] = [];
  let at = 0;
  for (const line of change.split("\n").slice(2, -1)) {
    const [, from, count] = /^@@ -(\d+),(\d+) /.exec(line) ?? [];
    if (from !== undefined) {
      const begins = Number(count) === 0 ? Number(from) : Number(from) - 1;
      made.push(...old.slice(at, begins));
      at = begins;
    } else if (line.startsWith("+")) made.push(line.slice(1));
    else {
      expect(old[at]).toBe(line.slice(1));
      if (line.startsWith(" ")) made.push(line.slice(1));
      at += 1;
    }
  }
  return lines(...made, ...old.slice(at));
}

test("whatever changed, applied to the first text it makes the second", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 }).map((all) => lines(...all));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patched(before, compare(before, after))).toBe(after);
    }),
  );
});
