import { expect, test } from "vitest";
import { meantInstead, nearNames } from "./near.ts";

const names = ["maven", "maven-jdk8", "gradle", "node", "GPU"];

test.each<[string, string[]]>([
  ["mavn", ["maven"]],
  ["Maven", ["maven", "maven-jdk8"]],
  ["jdk8", ["maven-jdk8"]],
  ["gradel", ["gradle"]],
  ["gpu", ["GPU"]],
  ["nodes", ["node"]],
  ["x", []],
  ["python", []],
])("%s may be %j", (name, near) => {
  expect(nearNames(name, names)).toEqual(near);
});

test.each<[string, readonly string[], string]>([
  ["mavn", names, "did you mean maven?"],
  ["maven-jdk", ["maven-jdk8", "maven-jdk9"], "did you mean maven-jdk8 or maven-jdk9?"],
  ["x", ["maven"], "there is maven."],
  ["x", [], "there is none."],
  ["zzz", Array.from({ length: 12 }, (_, at) => `t${at}`), "there are t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, … (12)."],
])("%s among %j: %s", (name, all, sentence) => {
  expect(meantInstead(name, all)).toBe(sentence);
});
