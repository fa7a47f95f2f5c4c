import type { JsonMap } from "@kubestack/templates";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { inPrintOrder, type Place, podText } from "./pod-text.ts";

const plainly = { width: undefined, colour: false };
const pod: JsonMap = {
  kind: "Pod",
  spec: {
    containers: [{ image: "maven:3.9", name: "jnlp", args: ["-c", "a\nb"], env: [] }, { name: "db" }],
    emptyDir: {},
  },
};

test("fields are in order, with the name first, in YAML's own form", () => {
  expect(podText(pod, plainly)).toBe(`kind: Pod
spec:
  containers:
    - name: jnlp
      args:
        - -c
        - |-
          a
          b
      env: []
      image: maven:3.9
    - name: db
  emptyDir: {}
`);
});

describe("remarks", () => {
  const at = (...place: Place): string => JSON.stringify(place);
  const remarks: Readonly<Record<string, string>> = {
    [at("kind")]: "(kubestack)",
    [at("spec", "containers", 0, "name")]: "base",
    [at("spec", "containers", 0, "args")]: "maven",
    [at("spec", "containers", 0, "args", 1)]: "x",
    [at("spec", "containers", 0, "image")]: "maven",
  };
  const remark = (place: Place): string | undefined => remarks[at(...place)];

  test("stand below each other, at the line where a value begins", () => {
    expect(podText(pod, { ...plainly, remark })).toBe(`kind: Pod                # (kubestack)
spec:
  containers:
    - name: jnlp         # base
      args:              # maven
        - -c
        - |-             # x
          a
          b
      env: []
      image: maven:3.9   # maven
    - name: db
  emptyDir: {}
`);
  });

  test("a line that leaves them no room has its own behind it, and moves no other's", () => {
    const long = { a: "x".repeat(90), b: "y" };
    const shown = podText(long, { ...plainly, remark: () => "maven" }).split("\n");
    expect(shown).toEqual([`a: ${long.a}   # maven`, "b: y   # maven", ""]);
    expect(podText({ a: "x".repeat(20), b: "y" }, { ...plainly, width: 20, remark: () => "m" })).toContain(
      "b: y   # m\n",
    );
  });

  test("are dimmed in a terminal only", () => {
    const shown = podText({ a: 1 }, { width: 80, colour: true, remark: () => "m" });
    expect(shown).toContain("\u001b[2m# m");
  });
});

test("whatever is in it, and whatever is remarked, YAML reads the same pod again", () => {
  const key = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("name", "kubestack.io/x", "- a", "? b", "#c", "a: b", "null"),
  );
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("a # b", "x\ny\n", "\n", "  lead\n", "true", "1e3", "- z", "a\n\n  b", "tab\t\n"),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), (made) => {
      const whole = made as JsonMap;
      expect(parse(podText(whole, plainly))).toEqual(whole);
      expect(parse(podText(whole, { ...plainly, remark: () => "maven" }))).toEqual(whole);
      expect(inPrintOrder(whole)).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});
