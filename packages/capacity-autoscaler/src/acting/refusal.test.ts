import { poolHoldLimits } from "@kubestack/capacity";
import { newPoolMemory } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { afterRefusal } from "./refusal.ts";

const asks = [
  { at: 5, count: 2 },
  { at: 9, count: 1 },
];
const memory = { ...newPoolMemory, asks };

test.each([
  ["what was asked since one was taken", 5, [{ at: 5, count: 2 }]],
  ["all, where none is known to have been taken,", 0, []],
])("%s is not on its way, and nothing more is asked for a while", (_, after, left) => {
  expect(afterRefusal(memory, { pool: "p", after, because: "the quota is used up" }, 100)).toEqual({
    ...memory,
    asks: left,
    failures: 1,
    hold: { until: 100 + poolHoldLimits.leastMs, because: "the quota is used up" },
  });
});
