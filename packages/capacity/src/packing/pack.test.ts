import { describe, expect, test, vi } from "vitest";
import { sequence } from "./effort.ts";
import { packCheapest } from "./pack.ts";
import { item, problem, randomProblem, shape } from "./packing.fixture.ts";
import type { Packing } from "./problem.ts";
import { bestOfFits, exactCost } from "./reference.fixture.ts";

// Exact solutions of many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

/** How often each shape is bought. */
function bought(packing: Packing): number[] {
  const { packed } = packCheapest(packing);
  return packing.shapes.map((_shape, at) => packed.reduce((sum, one) => sum + (one.shape === at ? one.times : 0), 0));
}

const small = shape(4, 16, 0.2);
const large = shape(16, 64, 0.7);

describe("the cheapest nodes", () => {
  test.each<[what: string, packing: Packing, expected: number[]]>([
    ["none for nothing", problem([], [small]), [0]],
    ["the small one for little", problem([item(1, 2, 4)], [small, large]), [1, 0]],
    ["the large one for much", problem([item(8, 2, 4)], [small, large]), [0, 1]],
    ["both, where that is cheapest", problem([item(10, 2, 4)], [small, large]), [1, 1]],
    ["what is short decides", problem([item(4, 1, 16)], [small, large]), [0, 1]],
    ["not more than there are", problem([item(8, 2, 4)], [small, { ...large, most: 0 }]), [4, 0]],
    ["not more pods than a node takes", problem([item(220, 0.01, 0.01)], [large]), [2]],
    ["one to a node", problem([item(3, 1, 1, { perNode: 1 })], [small, large]), [3, 0]],
    [
      "apart from others",
      problem([item(1, 1, 1), item(1, 1, 1)], [small, large], { conflict: (a, b) => a !== b }),
      [2, 0],
    ],
    ["only where they are taken", problem([item(1, 2, 4, { accepted: [false, true] })], [small, large]), [0, 1]],
    [
      "what the purse pays",
      problem([item(9, 4, 4)], [small], { purse: { cpu: 8, memory: 100, pricePerHour: 9 } }),
      [2],
    ],
    ["of equal ones the first by rank", problem([item(1, 2, 4)], [{ ...small, rank: 1 }, small]), [0, 1]],
    [
      "of those that cost the same, the one of which less is left over",
      problem([item(1, 2, 4)], [{ ...large, pricePerHour: 0.2 }, small]),
      [0, 1],
    ],
    ["what costs nothing", problem([item(9, 2, 4)], [{ ...small, pricePerHour: 0 }, large]), [5, 0]],
  ])("%s", (_what, packing, expected) => expect(bought(packing)).toEqual(expected));

  test("what no node takes is left", () => {
    expect([...packCheapest(problem([item(2, 20, 1), item(2, 1, 1)], [small])).left]).toEqual([2, 0]);
  });

  test("ten thousand equal pods are as little work as ten", () => {
    const { packed } = packCheapest(problem([item(10_000, 2, 4)], [small, large]));
    expect(packed.length).toBeLessThan(5);
    expect(packed.reduce((sum, { times }) => sum + times, 0)).toBe(1250);
  });

  test("each pod is on one node, and no node holds more than it has", () => {
    const random = sequence(3);
    for (let round = 0; round < 30; round += 1) {
      const packing = randomProblem(random, { kinds: 12, pods: 80, pools: 8 });
      const { packed, left } = packCheapest(packing, 50_000);
      const placed = packing.items.map(() => 0);
      for (const { shape: at, times, counts } of packed) {
        const used = [0, 0, 0];
        for (const [of, count] of counts) {
          placed[of] = (placed[of] ?? 0) + count * times;
          for (const [index, one] of [...(packing.items[of]?.ask ?? [])].entries())
            used[index] = (used[index] ?? 0) + one * count;
        }
        for (const [index, sum] of used.entries())
          expect(sum).toBeLessThanOrEqual((packing.shapes[at]?.room[index] ?? 0) + 1e-9);
      }
      expect(placed.map((count, at) => count + (left[at] ?? 0))).toEqual(packing.items.map(({ count }) => count));
    }
  });
});

describe("against other ways to pack, on random instances", () => {
  test.each([
    ["a handful, against an exact solution", { kinds: 5, pods: 6, pools: 4 }, 100, exactCost],
    ["a few more pods of few kinds, against an exact solution", { kinds: 2, pods: 9, pools: 4 }, 60, exactCost],
    ["tens, against the best of first-fit-decreasing and best-fit", { kinds: 8, pods: 30, pools: 6 }, 60, bestOfFits],
    ["hundreds, against the same", { kinds: 20, pods: 200, pools: 12 }, 15, bestOfFits],
    ["a thousand, against the same", { kinds: 40, pods: 1000, pools: 20 }, 4, bestOfFits],
  ])("%s: at most 5 %% dearer", (_what, size, rounds, reference) => {
    const random = sequence(42);
    for (let round = 0; round < rounds; round += 1) {
      const packing = randomProblem(random, size);
      const { left, cost } = packCheapest(packing);
      const expected = reference(packing);
      if (!Number.isFinite(expected)) continue;
      expect(left.every((count) => count === 0)).toBe(true);
      expect(cost).toBeLessThanOrEqual(1.05 * expected + 1e-9);
    }
  });
});
