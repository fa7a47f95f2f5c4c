import { isBetter } from "./better.ts";
import { sequence } from "./effort.ts";
import { type Begin, type Grounds, packGreedily, type Try } from "./greedy.ts";
import { type Packed, type Purse, spent } from "./problem.ts";

/** So many tries without a gain end it. */
const patience = 200;

/** A plan, with a few of its nodes taken back and their pods packed anew, again and again as long as it gets better and the effort lasts. */
export function improved(grounds: Grounds, begin: Omit<Begin, "bias">, plan: Try): Try {
  const random = sequence(7);
  let best = plan;
  for (let idle = 0; idle < patience && !grounds.effort.isOver && best.packed.length > 0; idle += 1) {
    const victims = victimsOf(grounds, best.packed, random);
    const { rest, left } = without(best, victims);
    const biases = grounds.packing.shapes.map(() => 0.7 + 0.6 * random());
    const again = packGreedily(grounds, { ...leftOf(grounds, begin, rest), left, bias: (shape) => biases[shape] ?? 1 });
    const cost = again.cost + rest.reduce((sum, one) => sum + one.times * priceOf(grounds, one.shape), 0);
    const whole = { packed: [...rest, ...again.packed], cost, left: again.left, purse: again.purse };
    if (!isBetter(whole, best, grounds.packing)) continue;
    best = whole;
    idle = -1;
  }
  return best;
}

/** One node on which most is paid for nothing, mostly, and one to three others. By their places. */
function victimsOf(grounds: Grounds, packed: readonly Packed[], random: () => number): ReadonlySet<number> {
  const { worth } = grounds;
  const wastes = packed.map(({ shape, counts }) =>
    counts.reduce((left, [item, count]) => left - count * (worth[item] ?? 0), priceOf(grounds, shape)),
  );
  const byWaste = [...packed.keys()].sort((a, b) => (wastes[b] ?? 0) - (wastes[a] ?? 0));
  const chosen = new Set<number>();
  const count = Math.min(packed.length, 2 + Math.floor(random() * 3));
  chosen.add(byWaste[Math.floor(random() ** 2 * byWaste.length)] ?? 0);
  while (chosen.size < count) chosen.add(Math.floor(random() * packed.length));
  return chosen;
}

/** A plan with one node less of each of these. */
function without({ packed, left: unpacked }: Try, victims: ReadonlySet<number>) {
  const left = unpacked.slice();
  const rest = packed.flatMap((one, at) => {
    if (!victims.has(at)) return [one];
    for (const [item, count] of one.counts) left[item] = (left[item] ?? 0) + count;
    return one.times === 1 ? [] : [{ ...one, times: one.times - 1 }];
  });
  return { rest, left };
}

/** What may still be bought beside that. */
function leftOf({ packing }: Grounds, { most: all, purse: whole }: Omit<Begin, "bias">, rest: readonly Packed[]) {
  const most = all.slice();
  let purse: Purse = whole;
  for (const { shape, times } of rest) {
    const of = packing.shapes[shape];
    most[shape] = (most[shape] ?? 0) - times;
    if (of !== undefined) purse = spent(purse, of, times);
  }
  return { most, purse };
}

function priceOf({ packing }: Grounds, shape: number): number {
  return packing.shapes[shape]?.pricePerHour ?? 0;
}
