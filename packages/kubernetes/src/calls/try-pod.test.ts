import { expect, test } from "vitest";
import { warningsIn } from "./try-pod.ts";

test.each<[string, string[]]>([
  ["", []],
  ['299 - "a is deprecated"', ["a is deprecated"]],
  ['299 - "a, b",299 kube "say \\"c\\" instead \\\\"', ["a, b", 'say "c" instead \\']],
  ["299 - broken", []],
])("the warnings of %s", (header, texts) => {
  expect(warningsIn(header)).toEqual(texts);
});
