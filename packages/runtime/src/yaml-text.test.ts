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
  ["a key that is a map", "{ a: 1 }: 2\n", ["1:1 a key must be a text"]],
  ["a second document", "a: 1\n---\nb: 2\n", ["2:1 begins a second document"]],
])("%s is a fault", (_, text, faults) => {
  expect(read(text)).toEqual(faults);
});

test("keys within keys are refused at once, where each would be written out again for the next", () => {
  // By the fourth part of this the parser would be busy for seconds, by all of it for minutes.
  expect(read("? ".repeat(2_048))).toHaveLength(20);
});

test("however deep it goes, it is told in a few words", () => {
  expect(read(`a: ${"[".repeat(100_000)}`)).toEqual(
    expect.arrayContaining([expect.stringContaining("nested too deeply")]),
  );
});
