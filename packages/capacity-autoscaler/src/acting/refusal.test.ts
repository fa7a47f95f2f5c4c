import { newPoolMemory } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { afterRefusal, leastHoldMs, mostHoldMs } from "./refusal.ts";

const memory = {
  ...newPoolMemory,
  asks: [
    { at: 5, count: 2 },
    { at: 9, count: 1 },
  ],
};
const refusal = { pool: "p", at: 9, because: "the quota is used up" };

test("what was not taken is not on its way, and nothing more is asked for a while", () => {
  expect(afterRefusal(memory, refusal, 100)).toEqual({
    ...memory,
    asks: [{ at: 5, count: 2 }],
    failures: 1,
    hold: { until: 100 + leastHoldMs, because: "the quota is used up" },
  });
});

test.each([
  [1, 2 * leastHoldMs],
  [3, 8 * leastHoldMs],
  [99, mostHoldMs],
])("after %i in a row for %i ms", (failures, ms) =>
  expect(afterRefusal({ ...memory, failures }, refusal, 0).hold?.until).toBe(ms),
);
