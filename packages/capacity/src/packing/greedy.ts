import type { Effort } from "./effort.ts";
import { type Counts, fillNode } from "./pattern.ts";
import { affordable, type Packed, type Packing, type Purse, spent } from "./problem.ts";

/** What is the same in all tries on one problem. */
export interface Grounds {
  readonly packing: Packing;
  /** What one pod of each item is worth. */
  readonly worth: Float64Array;
  /** For each shape, in which orders its nodes are filled. */
  readonly orders: readonly (readonly (readonly number[])[])[];
  /** For each shape another one that is as good in all, and no dearer; undefined where there is none. */
  readonly betters: readonly (number | undefined)[];
  readonly effort: Effort;
}

/** Where a try begins. */
export interface Begin {
  readonly left: Int32Array;
  /** So many nodes of each shape may still be bought. */
  readonly most: Int32Array;
  readonly purse: Purse;
  /** How a shape's cost is seen in this try; 1 is as it is. */
  readonly bias: (shape: number) => number;
}

export interface Try {
  readonly packed: readonly Packed[];
  readonly cost: number;
  /** What found no place. */
  readonly left: Int32Array;
  readonly purse: Purse;
}

/** After so many nodes all shapes are looked at again; in between, those that were best. */
const shortlist = { shapes: 6, turns: 12 } as const;

interface Candidate {
  readonly shape: number;
  readonly counts: Counts;
  readonly ratio: number;
}

/**
 * Buys, again and again, the node on which a pod's worth costs least, as often as what is left fills it the same way: equal pods cost as
 * little as one.
 */
export function packGreedily(grounds: Grounds, begin: Begin): Try {
  const { shapes } = grounds.packing;
  const left = begin.left.slice();
  const most = begin.most.slice();
  const packed: Packed[] = [];
  let { purse } = begin;
  let cost = 0;
  let list: readonly number[] = [];
  let orders = grounds.orders;
  for (let turn = 0; ; turn += 1) {
    if (turn % shortlist.turns === 0) {
      list = [];
      orders = orders.map((some) => some.map((order) => order.filter((item) => (left[item] ?? 0) > 0)));
    }
    const open = (list.length > 0 ? list : [...shapes.keys()]).filter((shape) => isOpen(shape) && !isOutdone(shape));
    const candidates = open.flatMap((shape) => {
      const { [shape]: of = [] } = orders;
      return candidatesOf(grounds, { shape, orders: of, left, bias: begin.bias(shape) });
    });
    candidates.sort((a, b) => a.ratio - b.ratio || (shapes[a.shape]?.rank ?? 0) - (shapes[b.shape]?.rank ?? 0));
    const [best] = candidates;
    if (best === undefined) {
      if (list.length === 0) break;
      list = [];
      turn = -1;
      continue;
    }
    if (list.length === 0) list = [...new Set(candidates.map(({ shape }) => shape))].slice(0, shortlist.shapes);
    const shape = shapes[best.shape];
    if (shape === undefined) break;
    const times = Math.min(timesOf(best.counts, left), most[best.shape] ?? 0, affordable(shape, purse));
    const { counts } = best;
    for (const [item, count] of counts) left[item] = (left[item] ?? 0) - times * count;
    most[best.shape] = (most[best.shape] ?? 0) - times;
    purse = spent(purse, shape, times);
    cost += times * shape.pricePerHour;
    packed.push({ shape: best.shape, times, counts });
  }
  return { packed, cost, left, purse };

  /** What is as good and no dearer is bought as long as there is any, unless this one is seen as cheaper in this try. */
  function isOutdone(shape: number): boolean {
    const better = grounds.betters[shape];
    return better !== undefined && isOpen(better) && begin.bias(better) <= begin.bias(shape);
  }

  function isOpen(shape: number): boolean {
    const of = shapes[shape];
    return of !== undefined && (most[shape] ?? 0) > 0 && affordable(of, purse) > 0;
  }
}

interface Looked {
  readonly shape: number;
  readonly orders: readonly (readonly number[])[];
  readonly left: Int32Array;
  readonly bias: number;
}

function candidatesOf({ packing, worth, effort }: Grounds, { shape, orders, left, bias }: Looked): Candidate[] {
  const price = Math.max(packing.shapes[shape]?.pricePerHour ?? 0, 1e-6);
  return orders.flatMap((order) => {
    effort.spend(order.length + 30);
    const counts = fillNode(packing, { shape, order, left });
    if (counts.length === 0) return [];
    const value = counts.reduce((sum, [item, count]) => sum + count * (worth[item] ?? 0), 0);
    return [{ shape, counts, ratio: (bias * price) / value }];
  });
}

/** How often a node can be filled just so. */
function timesOf(counts: Counts, left: Int32Array): number {
  return counts.reduce(
    (times, [item, count]) => Math.min(times, Math.floor((left[item] ?? 0) / count)),
    Number.POSITIVE_INFINITY,
  );
}
