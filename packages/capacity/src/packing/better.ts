import type { Try } from "./greedy.ts";
import type { Packing } from "./problem.ts";

/** How good a try is: first of all as many pods as possible get a place, then it costs little, then little of what is bought is left over. */
export function isBetter(one: Try, other: Try, packing: Packing): boolean {
  const [mine, others] = [countLeft(one), countLeft(other)];
  if (mine !== others) return mine < others;
  const difference = one.cost - other.cost;
  if (Math.abs(difference) > 1e-9 * Math.max(one.cost, other.cost)) return difference < 0;
  const [waste, otherWaste] = [wasteOf(one, packing), wasteOf(other, packing)];
  if (Math.abs(waste - otherWaste) > 1e-9) return waste < otherWaste;
  return rankOf(one, packing) < rankOf(other, packing);
}

function countLeft({ left }: Try): number {
  return left.reduce((sum, count) => sum + count, 0);
}

/** What is bought: all that is asked for has a place in either, so what is left over is as much as that. In nodes of the largest shape. */
function wasteOf({ packed }: Try, { shapes }: Packing): number {
  const dimensions = shapes[0]?.room.length ?? 0;
  let sum = 0;
  for (let index = 0; index < dimensions; index += 1) {
    const largest = shapes.reduce((most, { room }) => Math.max(most, finite(room[index])), 0);
    if (largest === 0) continue;
    for (const { shape, times } of packed) sum += (times * finite(shapes[shape]?.room[index])) / largest;
  }
  return sum;
}

function rankOf({ packed }: Try, { shapes }: Packing): number {
  return packed.reduce((sum, { shape, times }) => sum + times * (shapes[shape]?.rank ?? 0), 0);
}

function finite(amount = 0): number {
  return Number.isFinite(amount) ? amount : 0;
}
