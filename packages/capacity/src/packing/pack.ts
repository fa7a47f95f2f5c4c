import { isBetter } from "./better.ts";
import { Effort, sequence } from "./effort.ts";
import { type Begin, type Grounds, packGreedily, type Try } from "./greedy.ts";
import { shareOf } from "./pattern.ts";
import { leastOf, type Packing } from "./problem.ts";
import { improved } from "./repack.ts";
import { bettersOf, ordersOf, worthOf } from "./worth.ts";

/** How much is tried at most, in looks at an item. A try that has begun is ended. */
const usualEffort = 500_000;
/** Of that, until what was packed best is repacked in part. */
const firstPart = 0.5;
/** So many shapes are tried as the one that is mostly bought. */
const favourites = 8;

/**
 * The cheapest of the plans that are tried: always the node on which a pod costs least; mostly one shape; and with costs seen a little
 * differently. Parts of the best one are then packed anew. Of plans that cost the same, the one that buys least. Pure: the same each time.
 */
export function packCheapest(problem: Packing, steps: number = usualEffort): Try {
  const packing = { ...problem, least: leastOf(problem.items) };
  const effort = new Effort(steps);
  const worth = worthOf(packing);
  const orders = ordersOf(packing).map((order) => fillOrders(order, packing));
  const grounds: Grounds = { packing, worth, orders, betters: bettersOf(packing), effort };
  const begin: Omit<Begin, "bias"> = {
    left: Int32Array.from(packing.items, ({ count }) => count),
    most: Int32Array.from(packing.shapes, ({ most }) => Math.min(most, 2 ** 31 - 1)),
    purse: packing.purse,
  };
  const attempt = (bias: Begin["bias"]) => packGreedily(grounds, { ...begin, bias });
  let best = attempt(() => 1);
  const keep = (one: Try) => {
    if (isBetter(one, best, packing)) best = one;
  };
  const part = new Effort(steps * firstPart);
  for (const favourite of favouritesOf(packing, worth)) {
    if (effort.isOver) break;
    keep(attempt((shape) => (shape === favourite ? 1e-3 : 1)));
  }
  // Nothing costs less than that: what is small is decided in no time.
  const isWhole = best.left.every((count, item) => count === 0 || !Number.isFinite(worth[item]));
  if (isWhole && best.cost <= leastCost(packing, worth) * (1 + 1e-9)) return best;
  const random = sequence(1);
  for (let turn = 0; turn < 100 && !part.isOver && !effort.isOver; turn += 1) {
    const biases = packing.shapes.map(() => 0.8 + 0.4 * random());
    keep(attempt((shape) => biases[shape] ?? 1));
    part.spend((steps * firstPart) / 100);
  }
  return improved(grounds, begin, best);
}

/** What any plan costs that places all that can be placed: the worth of all pods, and the cheapest node for whichever pod has the dearest. */
function leastCost({ items, shapes }: Packing, worth: Float64Array): number {
  let [all, dearest] = [0, 0];
  for (const [at, { ask, count, accepted }] of items.entries()) {
    const one = worth[at] ?? 0;
    if (count === 0 || !Number.isFinite(one)) continue;
    all += count * one;
    const prices = shapes.flatMap(({ room, pricePerHour, most }, shape) =>
      accepted[shape] === true && most > 0 && shareOf(ask, room) <= 1 ? [pricePerHour] : [],
    );
    dearest = Math.max(dearest, Math.min(...prices));
  }
  return Math.max(all, dearest);
}

/** Of so many items their nodes are filled in one order only. */
const manyItems = 100;

/** By the largest share, and by what a pod takes of all resources together. */
function fillOrders(order: readonly number[], { items }: Packing): readonly (readonly number[])[] {
  const sizes = items.map(({ ask }) => ask.reduce((sum, one) => sum + Math.log1p(one), 0));
  const other = [...order].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
  if (order.length > manyItems) return [other];
  return other.every((item, at) => item === order[at]) ? [order] : [order, other];
}

/** The shapes by what all pods that they take would cost on them, set against what these are worth. */
function favouritesOf({ items, shapes }: Packing, worth: Float64Array): number[] {
  const ratios = shapes.map(({ room, pricePerHour, most }, shape) => {
    let [cost, value] = [0, 0];
    for (const [item, { ask, count, accepted }] of items.entries()) {
      const share = shareOf(ask, room);
      if (accepted[shape] !== true || share > 1) continue;
      cost += count * share * pricePerHour;
      value += count * (worth[item] ?? 0);
    }
    return most === 0 || value === 0 ? Number.POSITIVE_INFINITY : cost / value;
  });
  return [...shapes.keys()]
    .filter((shape) => Number.isFinite(ratios[shape]))
    .sort((a, b) => (ratios[a] ?? 0) - (ratios[b] ?? 0))
    .slice(0, favourites);
}
