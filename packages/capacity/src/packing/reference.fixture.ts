import { fitting, take, type Vector } from "../placing/space.ts";
import { shareOf } from "./pattern.ts";
import type { Packing } from "./problem.ts";

/** The cost of the plan that first-fit-decreasing and best-fit-decreasing find, the cheaper: each with each shape, or the best for the pod, as what is opened. */
export function bestOfFits(packing: Packing): number {
  const openers = [undefined, ...packing.shapes.keys()];
  const costs = openers.flatMap((opener) => [fits(packing, opener, "first"), fits(packing, opener, "best")]);
  return Math.min(...costs);
}

function fits({ items, shapes }: Packing, opener: number | undefined, how: "first" | "best"): number {
  const pods = podsOf(
    items.map(({ ask, count }) => ({ ask, count })),
    shapes,
  );
  const rooms: Vector[] = [];
  let cost = 0;
  for (const ask of pods) {
    const able = rooms.filter((room) => fitting(ask, room, 1) === 1);
    const sorted = how === "first" ? able : able.sort((a, b) => sumOf(a) - sumOf(b));
    let [room] = sorted;
    if (room === undefined) {
      const at = openFor(ask, shapes, opener);
      if (at === undefined) return Number.POSITIVE_INFINITY;
      room = Float64Array.from(at.room);
      rooms.push(room);
      cost += at.pricePerHour;
    }
    take(room, ask, 1);
  }
  return cost;
}

function openFor(ask: Vector, shapes: Packing["shapes"], opener: number | undefined) {
  const own = opener === undefined ? undefined : shapes[opener];
  if (own !== undefined && shareOf(ask, own.room) <= 1) return own;
  const able = shapes.filter(({ room }) => shareOf(ask, room) <= 1);
  return able.sort((a, b) => shareOf(ask, a.room) * a.pricePerHour - shareOf(ask, b.room) * b.pricePerHour)[0];
}

/** All pods, the largest first. */
function podsOf(
  items: readonly { readonly ask: Vector; readonly count: number }[],
  shapes: Packing["shapes"],
): Vector[] {
  const largest = shapes.reduce(
    (sum, { room }) => room.map((one, at) => Math.max(one, sum[at] ?? 0)),
    new Float64Array(),
  );
  return items
    .toSorted((a, b) => shareOf(b.ask, largest) - shareOf(a.ask, largest))
    .flatMap(({ ask, count }) => Array<Vector>(count).fill(ask));
}

function sumOf(room: Vector): number {
  return room.reduce((sum, one) => sum + one, 0);
}

/** The least cost of all plans, found by trying all: for a handful of pods. */
export function exactCost({ items, shapes }: Packing): number {
  const pods = podsOf(items, shapes);
  const kinds = shapes.toSorted((a, b) => a.pricePerHour - b.pricePerHour);
  let best = Number.POSITIVE_INFINITY;
  const rooms: Vector[] = [];
  const place = (at: number, cost: number): void => {
    if (cost >= best - 1e-9) return;
    const ask = pods[at];
    if (ask === undefined) {
      best = cost;
      return;
    }
    const met = new Set<string>();
    for (const room of rooms) {
      const key = room.join();
      if (met.has(key) || fitting(ask, room, 1) === 0) continue;
      met.add(key);
      take(room, ask, 1);
      place(at + 1, cost);
      take(room, ask, -1);
    }
    for (const { room, pricePerHour } of kinds) {
      if (fitting(ask, room, 1) === 0) continue;
      const own = Float64Array.from(room);
      take(own, ask, 1);
      rooms.push(own);
      place(at + 1, cost + pricePerHour);
      rooms.pop();
    }
  };
  place(0, 0);
  return best;
}
