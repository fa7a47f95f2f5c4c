import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterOperation, firstRate, type NodeOperation, rateLimits } from "./node-rate.ts";

const quick: NodeOperation = { tookMs: 20, failed: false, othersWaited: true, at: 10_000 };

describe("the rate after an operation", () => {
  test.each<[string, Partial<NodeOperation>, number]>([
    ["is a tenth higher where it was quick and others waited", {}, 5.5],
    ["is the same where nobody waited: a quiet master proves nothing", { othersWaited: false }, 5],
    ["is the same where it was neither quick nor slow", { tookMs: 600 }, 5],
    ["is half where it was slow", { tookMs: 1001 }, 2.5],
    ["is half where the master did not answer", { failed: true }, 2.5],
  ])("%s", (_, of, perSecond) => {
    expect(afterOperation(firstRate, { ...quick, ...of }).perSecond).toBeCloseTo(perSecond);
  });

  test("is lowered once for all that meet the same slowness", () => {
    let rate = firstRate;
    for (const at of [10_000, 10_200, 10_900]) rate = afterOperation(rate, { ...quick, tookMs: 3000, at });
    expect(rate.perSecond).toBe(2.5);
    expect(afterOperation(rate, { ...quick, tookMs: 3000, at: 11_001 }).perSecond).toBe(1.25);
  });

  test("never leaves its bounds, whatever is seen", () => {
    const seen = fc.record({
      tookMs: fc.integer({ min: 0, max: 60_000 }),
      failed: fc.boolean(),
      othersWaited: fc.boolean(),
      at: fc.integer({ min: 0, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 200 }), (operations) => {
        for (const { perSecond } of operations.map((_, n) =>
          operations.slice(0, n + 1).reduce(afterOperation, firstRate),
        ))
          if (perSecond < rateLimits.least || perSecond > rateLimits.most) return false;
        return true;
      }),
    );
  });
});
