import { fitting, take, type Vector } from "../placing/space.ts";
import type { Packing } from "./problem.ts";

/** The largest part of a room that one pod takes of any resource. */
export function shareOf(ask: Vector, room: Vector): number {
  let most = 0;
  for (let index = 0; index < ask.length; index += 1) {
    const one = ask[index] ?? 0;
    if (one > 0) most = Math.max(most, one / (room[index] ?? 0));
  }
  return most;
}

/** How many pods of which items a node holds. */
export type Counts = readonly (readonly [item: number, count: number])[];

/**
 * Fills one empty node of a shape with what is left, first-fit-decreasing: the items in their order, as many of each as there is room for.
 */
export function fillNode(
  { items, shapes, conflict, least }: Packing,
  { shape, order, left }: { readonly shape: number; readonly order: readonly number[]; readonly left: Int32Array },
): Counts {
  const room = Float64Array.from(shapes[shape]?.room ?? []);
  const counts: [number, number][] = [];
  for (const item of order) {
    const of = items[item];
    const most = left[item] ?? 0;
    if (of === undefined || most === 0) continue;
    const count = fitting(of.ask, room, Math.min(most, of.perNode));
    if (count === 0 || (conflict !== undefined && counts.some(([other]) => conflict(item, other)))) continue;
    take(room, of.ask, count);
    counts.push([item, count]);
    if (least !== undefined && fitting(least, room, 1) === 0) break;
  }
  return counts;
}
