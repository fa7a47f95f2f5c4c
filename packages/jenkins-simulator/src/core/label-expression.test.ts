import { describe, expect, test } from "vitest";
import { isExpression, labelTokens, parseLabel } from "./label-expression.ts";

const table: readonly (readonly [expression: string, labels: string, matches: boolean])[] = [
  ["linux", "linux", true],
  ["linux", "windows", false],
  ["linux && docker", "linux docker", true],
  ["linux && docker", "linux", false],
  ["linux || docker", "docker", true],
  ["!linux", "windows", true],
  ["!linux || docker && arm", "linux docker", false],
  ["(!linux || docker) && arm", "linux docker arm", true],
  ["a || b && c", "a", true],
  ["a -> b", "", true],
  ["a -> b", "a", false],
  ["a <-> b", "", true],
  ["a <-> b", "b", false],
  ["a <-> b <-> c", "c", true],
  ["a || b -> c", "b", false],
  ["a-b && c", "a-b c", true],
  ["jdk-17->arm", "jdk-17", false],
  ['"two words" && x', '"two words" x', true],
  ['"a\\"b"', "'a\"b'", true],
  ["cpu=4&&memory=8Gi", "cpu=4 memory=8Gi", true],
  ["docker:20 && x", "docker:20 x", true],
  ["a b", '"a b"', true],
  ["a &&", '"a &&"', true],
  ["a -> b -> c", '"a -> b -> c"', true],
];

describe("parseLabel", () => {
  test.each(table)("%s on a node with %s: %s", (expression, labels, matches) => {
    expect(parseLabel(expression)?.matches(new Set(labelTokens(labels)))).toBe(matches);
  });

  test("an empty expression is no label", () => {
    expect(parseLabel("  ")).toBeNull();
  });

  test.each([
    ["linux && ( docker||podman )", "linux&&(docker||podman)"],
    ['"plain"', "plain"],
    ['"two words"', "two words"],
    ['"two words" && x', '"two words"&&x'],
    ["docker:20 && x", '"docker:20"&&x'],
    ["! a", "!a"],
    ["a b", "a b"],
  ])("%s is printed as %s", (expression, text) => {
    expect(parseLabel(expression)?.text).toBe(text);
  });

  test("what the grammar does not take is told", () => {
    expect(["a", "a && (b)", "a &&", "a b", "(a", "-> a"].map(isExpression)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
