import { describe, expect, test } from "vitest";
import { hasConfiguration, labelOfEntry, nodeOfEntry } from "./labels.ts";
import { queueEntry } from "./queue-entry.fixture.ts";

const isNode = (name: string): boolean => name === "built-in" || name === "ks-m-abcd1";

describe("what an item itself tells", () => {
  test.each([
    ["its label", { labelExpression: "linux && jdk21" }, "linux && jdk21", "labelExpression"],
    [
      "its label before any words",
      { labelExpression: "a", why: "Waiting for next available executor on ‘b’" },
      "a",
      "labelExpression",
    ],
    ["a label in today's words", { why: "Waiting for next available executor on ‘python’" }, "python", "why"],
    ["a label in older words", { why: "Waiting for next available executor on python" }, "python", "why"],
    ["a label without nodes", { why: "There are no nodes with the label ‘gpu’" }, "gpu", "why"],
    [
      "a label whose nodes are offline",
      { labelExpression: null, why: "All nodes of label ‘gpu’ are offline" },
      "gpu",
      "why",
    ],
  ])("is %s", (_, told, expression, origin) => {
    expect(labelOfEntry(queueEntry("1", "a", told), isNode)).toEqual({
      wants: { kind: "expression", expression },
      origin,
    });
  });

  test("is that its job names no label", () => {
    const entry = queueEntry("1", "a", { labelExpression: null, why: "Waiting for next available executor" });
    expect(labelOfEntry(entry, isNode)).toEqual({ wants: { kind: "any" }, origin: "labelExpression" });
  });

  test.each([
    ["no word of it", {}],
    ["no label", { labelExpression: " ", why: "Waiting for next available executor" }],
    ["a node, which is no label", { why: "Waiting for next available executor on ‘ks-m-abcd1’" }],
  ])("is %s: another source has to be asked", (_, told) => {
    expect(labelOfEntry(queueEntry("1", "a", told), isNode)).toBeUndefined();
  });
});

test("the node that an item waits for is read from the master's words", () => {
  const on = (name: string) => queueEntry("1", "a", { why: `Waiting for next available executor on ‘${name}’` });
  expect(nodeOfEntry(on("ks-m-abcd1"), isNode)).toBe("ks-m-abcd1");
  expect(nodeOfEntry(on("python"), isNode)).toBeUndefined();
});

test.each([
  ["a job", {}, true],
  ["a freestyle job", { taskClass: "hudson.model.FreeStyleProject" }, true],
  [
    "a pipeline's block",
    { taskClass: "org.jenkinsci.plugins.workflow.support.steps.ExecutorStepExecution$PlaceholderTask" },
    false,
  ],
  ["a job that is hidden from us", { job: { name: "", url: "" } }, false],
])("%s has a configuration to read: %s", (_, told, has) => {
  expect(hasConfiguration(queueEntry("1", "a", told))).toBe(has);
});
