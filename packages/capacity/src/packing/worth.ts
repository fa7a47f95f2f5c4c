import { shareOf } from "./pattern.ts";
import type { Packing } from "./problem.ts";

/** What one pod of each item costs at least: its part of a node of the shape where that part is cheapest. Infinite where no shape takes it. */
export function worthOf({ items, shapes }: Packing): Float64Array {
  return Float64Array.from(items, ({ ask, accepted }) =>
    shapes.reduce((least, { room, pricePerHour, most }, shape) => {
      if (accepted[shape] !== true || most === 0) return least;
      const share = shareOf(ask, room);
      // What costs nothing is still to be used sparingly.
      return share <= 1 ? Math.min(least, share * Math.max(pricePerHour, 1e-6)) : least;
    }, Number.POSITIVE_INFINITY),
  );
}

/** For each shape the items that its nodes take, those first that take the largest part of one. */
export function ordersOf({ items, shapes }: Packing): number[][] {
  return shapes.map(({ room }, shape) => {
    const shares = items.map(({ ask, accepted }) => (accepted[shape] === true ? shareOf(ask, room) : 2));
    const able = [...items.keys()].filter((item) => (shares[item] ?? 2) <= 1);
    return able.sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
  });
}

/** For each shape another one that takes all that it takes, has as much of everything and costs no more; undefined where there is none. */
export function bettersOf({ items, shapes }: Packing): (number | undefined)[] {
  const taken = shapes.map((_shape, at) => items.map(({ accepted }) => (accepted[at] === true ? "1" : "0")).join(""));
  const isAsGood = (other: number, one: number): boolean => {
    const [mine, others] = [shapes[one], shapes[other]];
    if (mine === undefined || others === undefined || taken[one] !== taken[other]) return false;
    if (others.pricePerHour > mine.pricePerHour || others.rank > mine.rank) return false;
    // Of two that are equal in all, the first.
    const isSame =
      others.pricePerHour === mine.pricePerHour && others.room.every((amount, at) => amount === mine.room[at]);
    return isSame ? other < one : mine.room.every((amount, at) => (others.room[at] ?? 0) >= amount);
  };
  return shapes.map((_shape, one) => {
    const others = [...shapes.keys()].filter((other) => other !== one && isAsGood(other, one));
    return others.find((other) => !others.some((third) => third !== other && isAsGood(third, other)));
  });
}
