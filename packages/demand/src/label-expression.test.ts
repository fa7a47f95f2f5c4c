import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  isSatisfiedBy,
  isSatisfiedByAbsence,
  type LabelExpression,
  labelsNamedIn,
  lengthLimit,
  parseLabelExpression,
  printLabelExpression,
} from "./label-expression.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

const label = (name: string): LabelExpression => ({ kind: "label", name });
const not = (of: LabelExpression): LabelExpression => ({ kind: "not", of });
const two =
  (kind: "and" | "or" | "implies" | "iff") =>
  (left: LabelExpression, right: LabelExpression): LabelExpression => ({ kind, left, right });
const and = two("and");
const or = two("or");
const implies = two("implies");
const iff = two("iff");
const [a, b, c] = [label("a"), label("b"), label("c")] as const;

describe("the grammar", () => {
  test.each<[string, LabelExpression]>([
    ["a", a],
    ["  a\t", a],
    ["a&&b", and(a, b)],
    ["a || b && c", or(a, and(b, c))],
    ["a && b || c", or(and(a, b), c)],
    ["(a || b) && c", and(or(a, b), c)],
    ["a && b && c", and(and(a, b), c)],
    ["a <-> b <-> c", iff(iff(a, b), c)],
    ["a -> b", implies(a, b)],
    ["a || b -> c", implies(or(a, b), c)],
    ["a -> b <-> c", iff(implies(a, b), c)],
    ["a <-> b -> c", iff(a, implies(b, c))],
    ["a -> (b -> c)", implies(a, implies(b, c))],
    ["!a && b", and(not(a), b)],
    ["!(a && b)", not(and(a, b))],
    ["!!a", a],
    ["! ! !a", not(a)],
    ["!(!a)", a],
    ["!(!(a && !(!b)))", and(a, b)],
    ["linux-x64", label("linux-x64")],
    ["a->b", implies(a, b)],
    ["a-->b", implies(label("a-"), b)],
    ["-a", label("-a")],
    ["a- -> b", implies(label("a-"), b)],
    ["a<->b", iff(a, b)],
    ['"a b"', label("a b")],
    ['"a\\"b\\\\c\\td"', label('a"b\\c\td')],
    ['"a" || b', or(a, b)],
    ['""', label("")],
    ["ubuntu:24.04", label("ubuntu:24.04")],
    ["größe", label("größe")],
    ["cpu=4&&memory=8Gi", and(label("cpu=4"), label("memory=8Gi"))],
  ])("%s", (text, tree) => {
    expect(parseLabelExpression(text)).toEqual(tree);
  });

  test.each([
    "a b",
    "a &",
    "a & b",
    "a | b",
    "&& a",
    "a &&",
    "a !",
    "(a",
    "a)",
    "()",
    "a -> b -> c",
    "a < b",
    "'a'",
    'a "b',
    '"a\\',
    "a && || b",
    "a <- b",
  ])("%s is no expression: the whole text is one label, as the master takes it", (text) => {
    expect(parseLabelExpression(` ${text} `)).toEqual(label(text));
  });

  test("a longer or deeper text than anybody writes is one label", () => {
    const long = `${"a||".repeat(lengthLimit)}a`;
    expect(parseLabelExpression(long)).toEqual(label(long));
    const nested = (depth: number) => `${"(".repeat(depth)}a${")".repeat(depth)}`;
    expect(parseLabelExpression(nested(100))).toEqual(a);
    expect(parseLabelExpression(nested(101))).toEqual(label(nested(101)));
    expect(parseLabelExpression("(".repeat(lengthLimit))).toEqual(label("(".repeat(lengthLimit)));
  });
});

describe("what satisfies it", () => {
  const sets = [[], ["a"], ["b"], ["a", "b"]].map((names) => new Set(names));

  test.each([
    ["a", [false, true, false, true]],
    ["!a", [true, false, true, false]],
    ["a && b", [false, false, false, true]],
    ["a || b", [false, true, true, true]],
    ["a -> b", [true, false, true, true]],
    ["a <-> b", [true, false, false, true]],
  ] as const)("%s", (text, expected) => {
    expect(sets.map((set) => isSatisfiedBy(parseLabelExpression(text), set))).toEqual(expected);
  });

  test.each([
    ["a", false],
    ["!a", true],
    ["!a && b", false],
    ["a -> b", true],
    ["a || !b", true],
  ] as const)("by absence: %s", (text, expected) => {
    expect(isSatisfiedByAbsence(parseLabelExpression(text))).toBe(expected);
  });

  test("names of labels: each one that is written", () => {
    expect(labelsNamedIn(parseLabelExpression('!a && (b || "c d") -> e'))).toEqual(["a", "b", "c d", "e"]);
  });
});

const { tree } = fc.letrec<{ tree: LabelExpression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.constantFrom("a", "b", "linux-x64"), fc.string({ maxLength: 6, unit: "binary-ascii" })).map(label),
    tie("tree").map((of) => (of.kind === "not" ? of.of : not(of))),
    fc
      .tuple(fc.constantFrom("and", "or", "implies", "iff"), tie("tree"), tie("tree"))
      .map(([kind, l, r]) => two(kind)(l, r)),
  ),
}));

describe("the canonical print", () => {
  test("reads back as the very same tree", () =>
    fc.assert(
      fc.property(tree, (expression) => {
        const text = printLabelExpression(expression);
        fc.pre(text.length <= lengthLimit);
        expect(parseLabelExpression(text)).toEqual(expression);
      }),
      { numRuns: 5000 },
    ));

  test("of any text prints the same again, and means the same", () =>
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("a", "b", "->", "<->", "&&", "||", "!", "!(", "(", ")", '"', " ", "\\", "-", "&"),
          maxLength: 24,
        }),
        (text) => {
          const printed = printLabelExpression(parseLabelExpression(text));
          expect(printLabelExpression(parseLabelExpression(printed))).toBe(printed);
          expect(parseLabelExpression(printed)).toEqual(parseLabelExpression(text));
        },
      ),
      { numRuns: 5000 },
    ));

  test.each([
    ["a&&b||c", "a && b || c"],
    ["((a))||(b&&c)", "a || b && c"],
    ["(a->b)->c", "(a -> b) -> c"],
    ["!(a||b)", "!(a || b)"],
    ["a & b", '"a & b"'],
  ])("%s is %s", (text, printed) => {
    expect(printLabelExpression(parseLabelExpression(text))).toBe(printed);
  });
});

describe("hostile texts", () => {
  const piece = fc.constantFrom(
    "a",
    "b-",
    "(",
    ")",
    "!",
    "&&",
    "||",
    "->",
    "<->",
    "&",
    "|",
    "<",
    '"',
    "\\",
    " ",
    "\t",
    "-",
    "'",
  );
  const hostile = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join("")),
    fc.string({ maxLength: 60, unit: "binary" }),
    fc.tuple(tree, fc.nat(80)).map(([expression, cut]) => printLabelExpression(expression).slice(0, cut)),
  );

  test(
    "100,000 random and truncated ones are read without an error, and printed and asked as well",
    () =>
      fc.assert(
        fc.property(hostile, (text) => {
          const expression = parseLabelExpression(text);
          isSatisfiedBy(expression, new Set(["a"]));
          printLabelExpression(expression);
        }),
        { numRuns: 100_000 },
      ),
    60_000,
  );

  const bombs: readonly [string, (length: number) => string][] = [
    ["parentheses", (n) => "(".repeat(n)],
    ["closed parentheses", (n) => `${"(".repeat(n / 2)}a${")".repeat(n / 2 - 1)}`],
    ["exclamation marks", (n) => "!".repeat(n)],
    ["an open quote", (n) => `"${"a".repeat(n - 1)}`],
    ["escapes in an open quote", (n) => `"${'\\"'.repeat(n / 2 - 1)}`],
    ["quotes", (n) => '"'.repeat(n)],
    ["dashes", (n) => "-".repeat(n)],
    ["dashes before an arrow", (n) => `${"-".repeat(n - 2)}->`],
    ["a chain of or", (n) => `a${"||a".repeat(n / 3 - 1)}`],
    ["a chain of iff", (n) => `a${"<->a".repeat(n / 4 - 1)}`],
    ["implications", (n) => `a${"->a".repeat(n / 3 - 1)}`],
    ["blanks", (n) => " ".repeat(n)],
    ["spaced labels", (n) => "a ".repeat(n / 2)],
  ];

  test.each(bombs)("%s: sixteen times the length takes not more than about 48 times as long", (_, make) => {
    const part = make(lengthLimit / 16);
    const whole = make(lengthLimit);
    expect(whole.length).toBeLessThanOrEqual(lengthLimit);
    expect(whole.length).toBeGreaterThan(lengthLimit * 0.9);
    // A busy machine may make any one twice or three times as long, which four doublings outweigh: a square would make it 256 times.
    expect(quickest(whole) / quickest(part)).toBeLessThan(48);
  });

  function quickest(text: string): number {
    const times = Array.from({ length: 15 }, () => {
      const begun = performance.now();
      for (let turn = 0; turn < 10; turn += 1) {
        const expression = parseLabelExpression(text);
        isSatisfiedBy(expression, new Set(["b"]));
        printLabelExpression(expression);
      }
      return performance.now() - begun;
    });
    return Math.min(...times);
  }
});
