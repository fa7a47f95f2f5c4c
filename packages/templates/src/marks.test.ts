import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identityIn, isMarkedAs, labelValue, objectAnnotations, objectLabels, podAnnotations } from "./marks.ts";
import { identity } from "./template.fixture.ts";

/** The rule of the API server. */
const validLabelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

describe("a label's value", () => {
  test("is valid for any text, and has at most 63 letters", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.string({ minLength: 64 })), (text) => {
        const value = labelValue(text);
        return value.length <= 63 && validLabelValue.test(value);
      }),
      { numRuns: 2000 },
    );
  });

  test("is the text itself where that is valid", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/), (text) => {
        return text.length > 63 || labelValue(text) === text;
      }),
    );
  });

  test.each([
    ["backend/main", "backend_main"],
    ["-x-", "x"],
    ["///", ""],
    [`${"a".repeat(62)}--b`, "a".repeat(62)],
    [`-${"a".repeat(70)}`, "a".repeat(62)],
  ])("of %s is %s", (text, value) => {
    expect(labelValue(text)).toBe(value);
  });
});

describe("the marks", () => {
  const marks = objectAnnotations(identity);

  test("of the very slave are known again, whatever else is there", () => {
    expect(isMarkedAs(identity, marks)).toBe(true);
    expect(isMarkedAs(identity, { ...podAnnotations(identity), other: "x" })).toBe(true);
  });

  test.each(["install", "epoch", "number", "nonce"])("of another %s, or without it, are another's", (name) => {
    const key = `kubestack.io/${name}`;
    expect(marks[key]).toBeDefined();
    expect(isMarkedAs(identity, { ...marks, [key]: `${marks[key]}x` })).toBe(false);
    const { [key]: _, ...rest } = marks;
    expect(isMarkedAs(identity, rest)).toBe(false);
  });

  describe("tell the whole identity", () => {
    const { install, master, name } = identity;

    test("to the installation and the master that they name, and to no other", () => {
      const object = { name, annotations: podAnnotations(identity) };
      expect(identityIn(object, { install, master })).toEqual(identity);
      const second = { ...identity, attempt: 2 };
      const itsPod = { name: `${name}-2`, annotations: podAnnotations(second) };
      expect(identityIn(itsPod, { install, master })).toEqual(second);
      expect(identityIn(object, { install: "other", master })).toBeUndefined();
      expect(identityIn(object, { install, master: "other" })).toBeUndefined();
    });

    test.each([true, false])("with whether it takes builds without a label: %s", (unlabelled) => {
      const told = { ...identity, unlabelled };
      expect(identityIn({ name, annotations: podAnnotations(told) }, { install, master })).toEqual(told);
    });

    test("with its size, if it has one that can be read", () => {
      const sized = { ...identity, size: { cpu: "4" } };
      const annotations = podAnnotations(sized);
      expect(identityIn({ name, annotations }, { install, master })).toEqual(sized);
      for (const text of ["x", "[]", '{"cpu":4}'])
        expect(
          identityIn({ name, annotations: { ...annotations, "kubestack.io/size": text } }, { install, master }),
        ).toEqual(identity);
    });

    test.each<[string, string | undefined]>([
      ["template", undefined],
      ["epoch", undefined],
      ["nonce", undefined],
      ["number", undefined],
      ["number", ""],
      ["number", "-1"],
      ["number", "1.5"],
      ["labels", undefined],
      ["labels", "python"],
      ["labels", "[1]"],
    ])("but not where %s is %j", (what, value) => {
      const annotations = { ...marks, [`kubestack.io/${what}`]: value } as Record<string, string>;
      if (value === undefined) delete annotations[`kubestack.io/${what}`];
      expect(identityIn({ name, annotations }, { install, master })).toBeUndefined();
    });
  });

  test("are not on an object without annotations", () => {
    expect(isMarkedAs(identity, undefined)).toBe(false);
    expect(isMarkedAs(identity, {})).toBe(false);
  });

  test("as labels are valid for any names", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (master, template) =>
        Object.values(objectLabels({ ...identity, master, template })).every((value) => validLabelValue.test(value)),
      ),
    );
  });
});
