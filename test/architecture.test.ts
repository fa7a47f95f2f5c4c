import { describe, expect, test } from "vitest";
import { habitRules } from "./architecture/habits.ts";
import { layerRules } from "./architecture/layers.ts";
import { readRepository, repositoryOf } from "./architecture/repository.ts";

const repository = readRepository();
const rules = [...layerRules, ...habitRules];

test("the whole checkout is looked at", () => {
  expect(repository.packages.map((one) => one.name)).toEqual(expect.arrayContaining(["contracts", "slave", "daemon"]));
  expect(repository.files.has("packages/slave/src/machine.ts")).toBe(true);
});

describe.each(rules.map((rule) => [rule.says, rule] as const))("%s", (_says, rule) => {
  test("holds", () => expect(rule.breaches(repository)).toEqual([]));

  test("is told where it is broken", () => {
    expect(rule.breaches(repositoryOf(rule.counterExample))).toHaveLength(rule.told);
    expect(rule.breaches(repositoryOf({}))).toEqual([]);
  });
});
