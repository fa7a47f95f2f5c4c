import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { matchKinds, type SupplyKind } from "./matching.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

interface Instance {
  readonly order: readonly number[];
  readonly supply: readonly SupplyKind[];
  readonly fitting: readonly (readonly number[])[];
}

const instance: fc.Arbitrary<Instance> = fc
  .record({
    wishes: fc.integer({ min: 1, max: 4 }),
    counts: fc.array(fc.record({ count: fc.integer({ min: 0, max: 2 }), rank: fc.integer({ min: 0, max: 2 }) }), {
      maxLength: 4,
    }),
  })
  .chain(({ wishes, counts }) => {
    const supply = [...counts].sort((a, b) => a.rank - b.rank);
    return fc.record({
      order: fc.array(fc.nat(wishes - 1), { maxLength: 6 }),
      supply: fc.constant(supply),
      fitting: fc.array(fc.subarray(supply.map((_, kind) => kind)), { minLength: wishes, maxLength: wishes }),
    });
  });

/** Every way to match some items, each a list of kinds or undefined, by trying them all. */
function* ways(
  { order, supply, fitting }: Instance,
  at = 0,
  free = supply.map(({ count }) => count),
): Generator<(number | undefined)[]> {
  const wish = order[at];
  if (wish === undefined) {
    yield [];
    return;
  }
  for (const rest of ways({ order, supply, fitting }, at + 1, free)) yield [undefined, ...rest];
  for (const kind of fitting[wish] ?? []) {
    if ((free[kind] ?? 0) === 0) continue;
    const left = free.map((count, other) => (other === kind ? count - 1 : count));
    for (const rest of ways({ order, supply, fitting }, at + 1, left)) yield [kind, ...rest];
  }
}

/** Which items are matched, as a text that sorts the better one last: the oldest item counts most. */
const itemsOf = (way: readonly (number | undefined)[]) => way.map((kind) => (kind === undefined ? "0" : "1")).join("");

/** How much supply of each rank is used, the lowest rank first. */
function ranksOf(uses: readonly number[], supply: readonly SupplyKind[]): string {
  return [0, 1, 2]
    .map((rank) => uses.reduce((sum, used, kind) => sum + (supply[kind]?.rank === rank ? used : 0), 0))
    .join(" ");
}

function bestByTrying(of: Instance): { items: string; ranks: string } {
  let best = { items: "", ranks: "" };
  for (const way of ways(of)) {
    const uses = of.supply.map((_, kind) => way.filter((taken) => taken === kind).length);
    const next = { items: itemsOf(way), ranks: ranksOf(uses, of.supply) };
    if (next.items > best.items || (next.items === best.items && next.ranks > best.ranks)) best = next;
  }
  return best;
}

function byMatching({ order, supply, fitting }: Instance): { items: string; ranks: string } {
  const flow = matchKinds(order, supply, fitting);
  const served = flow.map((row) => row.reduce((sum, count) => sum + count, 0));
  const items = order.map((wish) => {
    const left = served[wish] ?? 0;
    served[wish] = left - 1;
    return left > 0 ? "1" : "0";
  });
  const uses = supply.map((_, kind) => flow.reduce((sum, row) => sum + (row[kind] ?? 0), 0));
  return { items: items.join(""), ranks: ranksOf(uses, supply) };
}

describe("matching", () => {
  test("serves as many items as trying every way does, never leaves out an older one, and uses the most advanced supply", () =>
    fc.assert(
      fc.property(instance, (of) => {
        expect(byMatching(of)).toEqual(bestByTrying(of));
      }),
      { numRuns: 3000 },
    ));

  test("uses no more of a kind than there is, and only where it fits", () =>
    fc.assert(
      fc.property(instance, (of) => {
        const flow = matchKinds(of.order, of.supply, of.fitting);
        of.supply.forEach(({ count }, kind) => {
          expect(flow.reduce((sum, row) => sum + (row[kind] ?? 0), 0)).toBeLessThanOrEqual(count);
        });
        flow.forEach((row, wish) => {
          expect(row.every((count, kind) => count >= 0 && (count === 0 || of.fitting[wish]?.includes(kind)))).toBe(
            true,
          );
        });
      }),
    ));

  test("the case in which taking the first that fits serves two of three", () => {
    const one = { count: 1, rank: 0 };
    const flow = matchKinds(
      [0, 1, 1],
      [one, one, one],
      [
        [0, 2],
        [0, 1],
      ],
    );
    expect(flow.map((row) => [...row])).toEqual([
      [0, 0, 1],
      [1, 1, 0],
    ]);
  });

  test("an older item of one kind goes before a younger one of another, whichever kind comes first", () => {
    const flow = matchKinds([1, 0], [{ count: 1, rank: 0 }], [[0], [0]]);
    expect(flow.map((row) => [...row])).toEqual([[0], [1]]);
  });
});
