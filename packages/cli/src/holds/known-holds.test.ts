import type { Hold, Plan } from "@kubestack/contracts";
import { noon, plan } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { holdsIn, toLift } from "./known-holds.ts";

const hold = (name: string, change: Partial<Hold> = {}): Hold => ({
  ...{ what: "template", name, until: noon + 60_000, because: "3 launches in a row failed", failures: 3 },
  ...change,
});
const planOf = (master: string, ...holds: Hold[]): Plan => ({ ...plan(master, []), holds });
const plans = [
  planOf("mobile", hold("gpu"), hold("ci", { what: "namespace" })),
  planOf("backend", hold("maven", { until: noon })),
  planOf("android", hold("maven with cpu=64"), hold("maven with cpu=32"), hold("gpu")),
  plan("older", []),
];

test("what is held is told by master, and nothing whose time is over", () => {
  expect(holdsIn(plans, noon).map(({ master, what, name }) => [master, what, name])).toEqual([
    ["android", "template", "maven with cpu=64"],
    ["android", "template", "maven with cpu=32"],
    ["android", "template", "gpu"],
    ["mobile", "template", "gpu"],
    ["mobile", "namespace", "ci"],
  ]);
});

describe("a hold is lifted", () => {
  const holds = holdsIn(plans, noon);
  test.each<[string, string | undefined, string[]]>([
    ["gpu", undefined, ["template gpu at android", "template gpu at mobile"]],
    ["gpu", "mobile", ["template gpu at mobile"]],
    ["maven", undefined, ["template maven at android"]],
    ["ci", undefined, ["namespace ci at mobile"]],
  ])("of %s, with --master %s: %j", (name, master, expected) => {
    const lifted = toLift(holds, { name, master });
    expect(lifted.map((one) => `${one.what} ${one.name} at ${one.master}`)).toEqual(expected);
  });

  test.each([
    [holds, "docker", undefined, "'docker' is not held; held are maven, gpu, ci."],
    [holds, "maven", "mobile", "'maven' is not held at mobile; held are maven, gpu, ci."],
    [[], "maven", undefined, "'maven' is not held; nothing is."],
  ])("nowhere, where none is: %#", (all, name, master, sentence) => {
    expect(() => toLift(all, { name, master })).toThrow(sentence);
  });
});
