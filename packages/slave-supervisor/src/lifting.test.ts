import { type Hold, type Lift, mostLifts } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { checkHeld, liftsAfter, toldLift } from "./lifting.ts";

const hourMs = 3_600_000;
const lift = (name: string, at: number, what: Lift["what"] = "template"): Lift => ({
  ...{ what, name, at, by: "ann", reason: "mended" },
});
const hold = (what: Hold["what"], name: string): Hold => ({ what, name, until: 9, because: "it failed", failures: 1 });

describe("what is kept of lifts", () => {
  test("is the newest of each template, and none that is older than any failure that counts", () => {
    const kept = [lift("a", 0), lift("b", 1000), lift("c", 2000), lift("c", 3000, "namespace")];
    expect(liftsAfter(kept, lift("c", hourMs + 500)).map(({ what, name, at }) => [what, name, at])).toEqual([
      ["template", "b", 1000],
      ["namespace", "c", 3000],
      ["template", "c", hourMs + 500],
    ]);
  });

  test("is bounded", () => {
    const many = Array.from({ length: mostLifts }, (_, number) => lift(`t${number}`, number));
    const after = liftsAfter(many, lift("new", 1000));
    expect([after.length, after.at(-1)?.name, after[0]?.name]).toEqual([mostLifts, "new", "t1"]);
  });
});

test.each<[Lift["what"], string, boolean]>([
  ["template", "python", true],
  ["template", "maven", true],
  ["template", "pyth", false],
  ["template", "ci", false],
  ["namespace", "ci", true],
  ["master", "m", false],
])("whether there is anything to lift of %s %s: %s", (what, name, isHeld) => {
  const holds = [hold("template", "python"), hold("template", "maven with cpu=4"), hold("namespace", "ci")];
  const check = () => checkHeld("m", { what, name }, holds);
  if (isHeld) expect(check).not.toThrow();
  else expect(check).toThrow(/^(?:Template|Master) \S+( of master m)? is not held: there is nothing to lift/);
});

test("is told with who and why", () => {
  expect(toldLift(lift("gpu", 1))).toBe("the hold of template gpu is lifted by ann: mended");
  expect(toldLift({ ...lift("gpu", 1), reason: "" })).toBe("the hold of template gpu is lifted by ann");
});
