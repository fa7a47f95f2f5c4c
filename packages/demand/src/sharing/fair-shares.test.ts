import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fairShares } from "./fair-shares.ts";

describe("weighted max-min fair shares", () => {
  test.each<[string, number, [weight: number, demand: number][], number[]]>([
    ["one alone has everything", 10, [[1, 50]], [10]],
    [
      "two that want all have half each",
      10,
      [
        [1, 50],
        [1, 500],
      ],
      [5, 5],
    ],
    [
      "by their weights",
      12,
      [
        [3, 50],
        [1, 50],
      ],
      [9, 3],
    ],
    [
      "who wants less gets that, and the others its rest",
      10,
      [
        [1, 2],
        [1, 50],
        [1, 50],
      ],
      [2, 4, 4],
    ],
    [
      "the rest again by weights",
      20,
      [
        [1, 2],
        [2, 50],
        [1, 50],
      ],
      [2, 12, 6],
    ],
    [
      "where all fits each has its own",
      10,
      [
        [1, 3],
        [9, 4],
      ],
      [3, 4],
    ],
    ["nothing to share", 0, [[1, 3]], [0]],
    ["nobody", 10, [], []],
  ])("%s", (_, cap, claims, shares) => {
    expect(
      fairShares(
        cap,
        claims.map(([weight, demand]) => ({ weight, demand })),
      ),
    ).toEqual(shares);
  });

  test("hand out the whole cap or meet every demand; more for one never by less for one that has less", () => {
    const claim = fc.record({ weight: fc.integer({ min: 1, max: 9 }), demand: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 }), fc.array(claim, { maxLength: 8 }), (cap, claims) => {
        const shares = fairShares(cap, claims);
        const sum = shares.reduce((all, one) => all + one, 0);
        const demanded = claims.reduce((all, { demand }) => all + demand, 0);
        expect(sum).toBeCloseTo(Math.min(cap, demanded), 6);
        for (const [at, { weight, demand }] of claims.entries()) {
          const share = shares[at] ?? 0;
          expect(share).toBeLessThanOrEqual(demand + 1e-9);
          if (share < demand - 1e-9)
            for (const [other, of] of claims.entries())
              expect((shares[other] ?? 0) / of.weight).toBeLessThanOrEqual(share / weight + 1e-9);
        }
      }),
    );
  });
});
