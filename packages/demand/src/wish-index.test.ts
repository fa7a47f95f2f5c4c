import fc from "fast-check";
import { expect, test } from "vitest";
import { fits } from "./assign.ts";
import { item } from "./demand.fixture.ts";
import { WishIndex } from "./wish-index.ts";
import { wishesOf } from "./wishes.ts";

const wishesFor = (texts: readonly string[]) => wishesOf(texts.map((text, at) => item(at + 1, text))).wishes;
const candidates = (texts: readonly string[], labels: readonly string[]) => {
  const wishes = wishesFor(texts);
  return new WishIndex(wishes).candidates(new Set(labels)).map((wish) => wishes[wish]?.text);
};

test("a wish is a candidate where the rarest of the labels that it needs is there", () => {
  const texts = ["linux && docker", "linux && (go || rust)", "linux"];
  expect(candidates(texts, ["linux"])).toEqual(["'linux'"]);
  expect(candidates(texts, ["linux", "docker"])).toEqual(["'linux && docker'", "'linux'"]);
  expect(candidates(texts, ["rust"])).toEqual(["'linux && (go || rust)'"]);
});

test("what absence may satisfy, and what wants no label, is one everywhere", () => {
  const texts = ["", "!windows", "windows -> docker", "windows <-> docker", "linux || !windows", "linux && !windows"];
  expect(candidates(texts, [])).toEqual(texts.slice(0, 5).map((text) => (text === "" ? "no label" : `'${text}'`)));
});

test("no wish that a node satisfies is missing, whatever is written", () => {
  const label = fc.constantFrom("a", "b", "c", "d");
  const { text } = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      label,
      tie("text").map((of) => `!(${of})`),
      fc
        .tuple(tie("text"), fc.constantFrom("&&", "||", "->", "<->"), tie("text"))
        .map(([left, sign, right]) => `(${left}) ${sign} (${right})`),
    ),
  }));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(text, fc.constant("")), { maxLength: 8 }),
      fc.subarray(["a", "b", "c", "d"]),
      (texts, has) => {
        const wishes = wishesFor(texts);
        const labels = new Set(has);
        const found = new WishIndex(wishes).candidates(labels);
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
        wishes.forEach(({ expression }, wish) => {
          if (fits(expression, { labels, unlabelled: true })) expect(found).toContain(wish);
        });
      },
    ),
    { numRuns: 2000 },
  );
});
