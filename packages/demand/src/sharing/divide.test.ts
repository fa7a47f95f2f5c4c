import type { Amounts } from "@kubestack/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Caps, exceeded, plus, sumOf } from "./amounts.ts";
import { divide, type OtherSharer } from "./divide.ts";

const slaves = (count: number, cpu = 1000, memory = 0): Amounts => ({
  slaves: count,
  cpu: cpu * count,
  memory: memory * count,
});
const asks = (count: number, cpu?: number): Amounts[] => Array.from({ length: count }, () => slaves(1, cpu));

function own(used: number, asked: number, changed: { weight?: number; since?: number } = {}) {
  return { name: "a", weight: 1, since: 0, used: slaves(used), asks: asks(asked), ...changed };
}

function other(used: number, want: number, changed: Partial<OtherSharer> = {}): OtherSharer {
  return { name: "b", weight: 1, since: 0, used: slaves(used), want: slaves(want), ...changed };
}

describe("of what is free under a cap of ten slaves", () => {
  test.each<[string, ReturnType<typeof own>, OtherSharer[], number]>([
    ["one alone gets everything", own(0, 50), [], 10],
    ["one alone gets what it asks for", own(2, 3), [], 3],
    ["nobody gets anything where nothing is free", own(4, 50), [other(6, 0)], 0],
    ["whoever wants nothing leaves its share to the others", own(0, 50), [other(2, 0)], 8],
    ["two that want all get half each", own(0, 50), [other(0, 50)], 5],
    ["who has more than its share gets nothing while another waits below its own", own(7, 50), [other(0, 50)], 0],
    ["and gets what the other leaves", own(4, 50), [other(0, 2)], 4],
    ["who is below its share gets up to it, though the other has more than its own", own(1, 50), [other(8, 50)], 1],
    ["by the weights", own(0, 50, { weight: 4 }), [other(0, 50)], 8],
    ["three get a third each, the first by name one more", own(0, 50), [other(0, 50), other(0, 50, { name: "c" })], 4],
    ["of two alike the one that waits longer comes first", own(0, 1, { since: 9 }), [other(0, 10)], 1],
    ["over-full caps give nobody anything", own(4, 50), [other(12, 5)], 0],
  ])("%s", (_, mine, others, granted) => {
    const division = divide({ slaves: 10 }, mine, others);
    expect(division.granted).toHaveLength(granted);
    expect(division.granted.length + division.refused.size).toBe(mine.asks.length);
  });

  test("the last place goes to the one that waits longer, whoever asks", () => {
    const [young, old] = [20, 10];
    expect(divide({ slaves: 1 }, own(0, 1, { since: young }), [other(0, 1, { since: old })])).toEqual({
      granted: [],
      refused: new Map([[0, { kind: "share", before: ["b"] }]]),
    });
    expect(divide({ slaves: 1 }, own(0, 1, { since: old }), [other(0, 1, { since: young })]).granted).toEqual([0]);
  });
});

describe("under caps of cpu and memory", () => {
  test("a launch that is larger than the cap is refused, and holds up none behind it", () => {
    const { granted, refused } = divide(
      { cpu: 8000 },
      { ...own(0, 0), asks: [...asks(1, 9000), ...asks(2, 3000)] },
      [],
    );
    expect(granted).toEqual([1, 2]);
    expect(refused.get(0)).toEqual({ kind: "too-large", of: "cpu", ask: 9000 });
  });

  test("what a large one waits for is given to no smaller one behind it", () => {
    const { granted, refused } = divide(
      { cpu: 8000 },
      { ...own(3, 0), asks: [...asks(1, 6000), ...asks(1, 1000)] },
      [],
    );
    expect(granted).toEqual([]);
    expect([...refused.values()]).toEqual([{ kind: "full", of: "cpu", used: 3000 }, { kind: "behind" }]);
  });

  test("nor to another master that has more", () => {
    const large = other(0, 1, { want: slaves(1, 6000) });
    expect(divide({ cpu: 8000 }, own(3, 2), [large])).toMatchObject({ granted: [] });
    expect(divide({ cpu: 9000 }, own(3, 2), [large])).toMatchObject({ granted: [] });
    expect(divide({ cpu: 10_000 }, own(3, 2), [large])).toMatchObject({ granted: [0] });
  });

  test("a want that can never be met keeps nothing from anybody", () => {
    expect(divide({ cpu: 4000 }, own(0, 4), [other(0, 1, { want: slaves(1, 6000) })]).granted).toHaveLength(4);
  });

  test("the resource of which a master has the most is the one it is measured by", () => {
    // Many small ones against few large ones: half of the slaves is as much as half of the cpu.
    const small = { ...own(5, 5), used: slaves(5, 100), asks: asks(5, 100) };
    const large = other(1, 5, { used: slaves(1, 40_000), want: slaves(5, 40_000) });
    expect(divide({ slaves: 10, cpu: 100_000 }, small, [large]).granted).toHaveLength(3);
    expect(divide({ cpu: 100_000 }, small, [large]).granted).toHaveLength(5);
  });
});

describe("whatever the lines say", () => {
  const amounts = fc.record({
    slaves: fc.integer({ min: 0, max: 20 }),
    cpu: fc.integer({ min: 0, max: 20_000 }),
    memory: fc.integer({ min: 0, max: 1000 }),
  });
  const sharer = { weight: fc.integer({ min: 1, max: 5 }), used: amounts, since: fc.integer({ min: 0, max: 3 }) };
  const caps = fc.record(
    { slaves: fc.nat(60), cpu: fc.nat(60_000), memory: fc.nat(3000) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Caps>;
  const ask = amounts.map((one) => ({ ...one, slaves: 1 }));

  test("no cap is passed by what is granted, and each launch is granted or refused", () =>
    fc.assert(
      fc.property(
        caps,
        fc.record({ ...sharer, name: fc.constant("a"), asks: fc.array(ask, { maxLength: 12 }) }),
        fc.array(fc.record({ ...sharer, name: fc.constantFrom("b", "c"), want: amounts }), { maxLength: 3 }),
        (of, mine, others) => {
          const { granted, refused } = divide(of, mine, others);
          expect([...granted, ...refused.keys()].toSorted((a, b) => a - b)).toEqual(mine.asks.map((_, at) => at));
          const got = sumOf(mine.asks.filter((_, at) => granted.includes(at)));
          const all = sumOf([mine.used, got, ...others.map(({ used }) => used)]);
          if (granted.length > 0) expect(exceeded(all, of)).toBeUndefined();
        },
      ),
    ));

  test("masters that reckon with each other's lines leave nothing free that one of them could have", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 5 }), used: fc.nat(10), want: fc.nat(30) }), {
          minLength: 1,
          maxLength: 4,
        }),
        (cap, claims) => {
          const lines = claims.map(({ weight, used, want }, at) => ({
            ...other(used, want, { name: `m${at}`, weight }),
          }));
          const gained = lines.map((line) => {
            const others = lines.filter(({ name }) => name !== line.name);
            return divide({ slaves: cap }, { ...line, asks: asks(line.want.slaves) }, others).granted.length;
          });
          const free = Math.max(0, cap - lines.reduce((sum, { used }) => sum + used.slaves, 0));
          const wanted = lines.reduce((sum, { want }) => sum + want.slaves, 0);
          expect(gained.reduce((sum, one) => sum + one, 0)).toBe(Math.min(free, wanted));
        },
      ),
    ));
});

test("sums are of all three", () => {
  expect(plus(slaves(1, 2, 3), slaves(1, 2, 3))).toEqual({ slaves: 2, cpu: 4, memory: 6 });
});
