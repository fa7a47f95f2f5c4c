import { expect, test } from "vitest";
import { readYamlText } from "./yaml-text.ts";

const read = (text: string): unknown => {
  const found = readYamlText(text);
  return "faults" in found
    ? found.faults.map(({ line, column, words }) => `${line}:${column} ${words}`)
    : (found.document.toJS() as unknown);
};

test.each<[string, string, unknown]>([
  ["keys and values", "a: 1\nb: { c: [x, 2] }\n", { a: 1, b: { c: ["x", 2] } }],
  ["keys that look like numbers", "8080: a\ntrue: b\n", { 8080: "a", true: "b" }],
  ["an alias", "a: &x 1\nb: *x\n", { a: 1, b: 1 }],
  ["the same key in two maps", "a: { k: 1 }\nb: { k: 2 }\n", { a: { k: 1 }, b: { k: 2 } }],
  ["nothing", "", null],
])("%s", (_, text, content) => {
  expect(read(text)).toEqual(content);
});

test.each<[string, string, string[]]>([
  ["a key that is there twice", 'a: 1\nb: 2\n"a": 3\n', ["3:1 Map keys must be unique"]],
  ["one within a list of maps", "a:\n  - { k: 1, k: 2 }\n", ["2:13 Map keys must be unique"]],
  ["a key that every object has", "a:\n  __proto__: { b: 1 }\n", ["2:3 __proto__ is no key"]],
  ["a key that is a map", "{ a: 1 }: 2\n", ["1:1 a key must be a text"]],
  ["a second document", "a: 1\n---\nb: 2\n", ["2:1 begins a second document"]],
])("%s is a fault", (_, text, faults) => {
  expect(read(text)).toEqual(faults);
});

const tooDeep = "is nested too deeply, in more than 100 lists and maps";

test.each<[string, string, number]>([
  ["lists", "[", 100_000],
  ["maps", "{a: ", 100_000],
  ["blocks", "- ", 100_000],
  // By the fourth part of this the parser would be busy for seconds, by all of it for minutes.
  ["keys within keys", "? ", 2_048],
])("%s within each other are left at once, however deep they go", (_, opening, levels) => {
  expect(read(opening.repeat(levels))).toEqual([expect.stringMatching(new RegExp(`^1:\\d{3} ${tooDeep}$`))]);
});

test.each<[string, string]>([
  ["a hundred lists", `${"[".repeat(100)}${"]".repeat(100)}`],
  ["a list after a list", `[${"[[[]]],".repeat(500)}]`],
  ["brackets in quotes", `a: "${"[{".repeat(500)}"\nb: '${"{[".repeat(500)}'`],
  ["brackets in a comment", `a: 1 # ${"[{".repeat(500)}`],
  ["brackets in a text", `a: |\n  ${"[{".repeat(500)}\nb: x${"[".repeat(500)}`],
])("%s are not too deep", (_, text) => {
  expect(readYamlText(text)).toHaveProperty("document");
});

test.each<[string, string, string]>([
  ["escapes", 'a: "', "\\q"],
  ["anchors", "a: ", "&a "],
  ["closing brackets", "a: 1\n", "] "],
  ["words after a quote", "a:\n", "- 'b' c\n"],
])("of wrong %s twenty are told, and no more are read", (_, before, wrong) => {
  const told = read(before + wrong.repeat(2_000));
  expect(told).toHaveLength(20);
  expect(read(before + wrong.repeat(100))).toEqual(told);
});
