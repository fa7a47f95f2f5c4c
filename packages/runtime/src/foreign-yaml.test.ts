import { expect, test } from "vitest";
import { readForeignYaml } from "./foreign-yaml.ts";

test.each<[string, string, unknown]>([
  [
    "a map that another takes in",
    "a: &x { k: 1, l: 1 }\nb: { <<: *x, l: 2 }\n",
    { a: { k: 1, l: 1 }, b: { k: 1, l: 2 } },
  ],
  ["octal and decimal modes", 'a: 0755\nb: 493\nc: "0755"\nd: 0o755\n', { a: 493, b: 493, c: "0755", d: 493 }],
  ["a number that only looks octal", "a: 0.75\nb: 0\nc: 08\n", { a: 0.75, b: 0, c: 8 }],
  ["JSON", '{"a":[1,null,true]}', { a: [1, null, true] }],
  ["nothing", "", null],
])("%s", (_, text, value) => {
  expect(readForeignYaml(text)).toEqual({ value });
});

const bomb = [
  "a0: &a0 x",
  ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}${",*a".concat(`${at}`).repeat(9)}]`),
];

test.each<[string, string, RegExp]>([
  ["no YAML", "a: [", /^is no YAML: line 1, column \d+: /],
  ["two documents", "a: 1\n---\nb: 2\n", /begins a second document$/],
  ["aliases of aliases", bomb.join("\n"), /^has aliases that can't be followed \(Excessive alias count/],
  ["an alias of nothing", "a: *b\n", /^(?:has aliases|is no YAML)/],
  ["a list that holds itself", "a: &a [*a]\n", /^has /],
  ["too many levels", "[".repeat(70) + "]".repeat(70), /^has more than 200000 values or 64 levels/],
  ["too many values", `a: &a [${"1,".repeat(2_400)}1]\nb: [${"*a,".repeat(89)}*a]`, /^has more than 200000 values/],
  ["a number that JSON can't say", "a: .inf\n", /or one that is no JSON/],
  ["too long a text", `# ${"x".repeat(4 * 1024 * 1024)}`, /^is longer than 4 MiB/],
])("%s is refused in a sentence", (_, text, fault) => {
  const read = readForeignYaml(text);
  expect("fault" in read ? read.fault : JSON.stringify(read).slice(0, 200)).toMatch(fault);
});
