import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fairShares } from "./fair-shares.ts";
import { inTurn, type Standing } from "./turns.ts";

const usual: Standing = { priority: 0, weight: 1, used: 0 };

/** `aab`: three candidates, in this order, of templates a and b. */
function candidates(templates: string, ask: Readonly<Record<string, number>> = {}) {
  return [...templates].map((template, at) => ({ template, ask: ask[template] ?? 1, at }));
}

function orderOf(templates: string, standings: Readonly<Record<string, Partial<Standing>>>, ask = {}) {
  const ordered = inTurn(candidates(templates, ask), (template) => ({ ...usual, ...standings[template] }));
  return ordered.map(({ template }) => template).join("");
}

describe("launches that share a cap", () => {
  test.each<[string, string, Readonly<Record<string, Partial<Standing>>>, string]>([
    ["of one template stay as they are", "aaa", {}, "aaa"],
    ["of two alike take turns, the older first", "aaabbb", {}, "ababab"],
    ["whoever has less comes first, until it has as much", "aaabbb", { a: { used: 2 } }, "bbabaa"],
    ["by the weights", "aaaaabb", { a: { weight: 4 } }, "abaaaab"],
    ["what slaves have counts by the weights, too", "aaabbb", { a: { weight: 2, used: 2 }, b: { used: 1 } }, "abaabb"],
    ["a higher priority comes first, whatever it has", "aaabb", { b: { priority: 1, used: 9 } }, "bbaaa"],
    ["of several priorities each in its turn", "abcabc", { a: { priority: -1 }, c: { priority: 5 } }, "ccbbaa"],
    ["of one priority by shares", "aabbcc", { a: { priority: 1 }, b: { priority: 1 } }, "ababcc"],
  ])("%s", (_, templates, standings, order) => expect(orderOf(templates, standings)).toBe(order));

  test("large ones count as much as they ask for", () => {
    expect(orderOf("aaaabb", {}, { b: 3 })).toBe("abaaab");
  });
});

describe("whatever is asked for", () => {
  const standing = fc.record({
    priority: fc.integer({ min: 0, max: 2 }),
    weight: fc.integer({ min: 1, max: 5 }),
    used: fc.nat(9),
  });
  const standings = fc.tuple(standing, standing, standing).map(([a, b, c]) => ({ a, b, c }));
  const asked = fc
    .array(fc.constantFrom("a", "b", "c"), { maxLength: 60 })
    .map((templates) => candidates(templates.join("")));

  test("each launch has its turn once, those of one template in their order", () =>
    fc.assert(
      fc.property(asked, standings, (all, of) => {
        const ordered = inTurn(all, (template) => of[template as "a"]);
        expect(ordered.toSorted((a, b) => a.at - b.at)).toEqual(all);
        for (const name of ["a", "b", "c"]) {
          const own = ordered.filter(({ template }) => template === name).map(({ at }) => at);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
      }),
    ));

  test("as many as there is room for come to max-min fair shares, to within one slave each", () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 5 }), demand: fc.nat(40) }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.nat(60),
        (claims, room) => {
          const names = claims.map((_, at) => String.fromCharCode(97 + at));
          const all = claims.flatMap(({ demand }, at) => candidates((names[at] ?? "").repeat(demand)));
          const standingOf = (name: string) => ({ ...usual, weight: claims[names.indexOf(name)]?.weight ?? 1 });
          const made = inTurn(all, standingOf).slice(0, room);
          fairShares(room, claims).forEach((share, at) => {
            const got = made.filter(({ template }) => template === names[at]).length;
            expect(Math.abs(got - share)).toBeLessThan(claims.length + 1e-9);
          });
        },
      ),
    ));
});
