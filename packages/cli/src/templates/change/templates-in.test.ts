import { expect, test } from "vitest";
import { templatesIn } from "./templates-in.ts";

const maven = { name: "maven", image: "maven:3" };

test.each([
  ["one template", "{ name: maven, image: 'maven:3' }"],
  ["a list", "- name: maven\n  image: maven:3\n"],
  ["a configuration's key", "templates:\n  - name: maven\n    image: maven:3\nmasters: []\n"],
  ["JSON", JSON.stringify([maven])],
])("%s is read", (_, text) => {
  expect(templatesIn(text, "f.yaml")).toEqual([maven]);
});

test.each([
  ["nothing", "", /^f.yaml must hold a template, a list of them/],
  ["a text", "maven", /^f.yaml must hold a template/],
  ["a list of texts", "- maven", /^f.yaml must hold a template/],
  ["no YAML", "a: [", /^f.yaml, line 1, column \d+: .*; correct the YAML\.$/],
  ["something long", "x".repeat(1_000_000), /^f.yaml is longer than 900 KiB/],
])("%s is refused in a sentence", (_, text, sentence) => {
  expect(() => templatesIn(text, "f.yaml")).toThrow(sentence);
});
