import type { Vector } from "../placing/space.ts";

/** Equal pods to be packed. */
export interface Item {
  readonly ask: Vector;
  readonly count: number;
  /** At most this many of them on one node. */
  readonly perNode: number;
  /** By shape: whether its nodes take them. */
  readonly accepted: readonly boolean[];
}

/** What a pool's next node would be. */
export interface Shape {
  readonly room: Vector;
  readonly pricePerHour: number;
  /** Of two that cost the same, the one with the lower rank is taken. */
  readonly rank: number;
  /** So many may be bought at most. */
  readonly most: number;
  /** What one takes of the limits over all pools. */
  readonly takes: Purse;
}

/** What all nodes together may come to besides; infinite where there is no limit. */
export interface Purse {
  readonly cpu: number;
  readonly memory: number;
  readonly pricePerHour: number;
}

export interface Packing {
  readonly items: readonly Item[];
  readonly shapes: readonly Shape[];
  readonly purse: Purse;
  /** What every pod takes at least: where that finds no room, nothing does. Default: that is not known. */
  readonly least?: Vector | undefined;
  /** Whether pods of two items may not share a node; the same item twice is told by `perNode`. Default: all may. */
  readonly conflict?: ((one: number, other: number) => boolean) | undefined;
}

/** Equal nodes, each with so many pods of each item. */
export interface Packed {
  readonly shape: number;
  readonly times: number;
  readonly counts: readonly (readonly [item: number, count: number])[];
}

export const endless: Purse = {
  cpu: Number.POSITIVE_INFINITY,
  memory: Number.POSITIVE_INFINITY,
  pricePerHour: Number.POSITIVE_INFINITY,
};

/** How many more nodes of a shape the purse pays. */
export function affordable(shape: Shape, purse: Purse): number {
  const of = (left: number, one: number) => (one > 0 ? Math.floor((left + 1e-9) / one) : Number.POSITIVE_INFINITY);
  const { takes } = shape;
  return Math.max(
    0,
    Math.min(of(purse.cpu, takes.cpu), of(purse.memory, takes.memory), of(purse.pricePerHour, takes.pricePerHour)),
  );
}

export function spent(purse: Purse, { takes }: Shape, times: number): Purse {
  return {
    cpu: purse.cpu - times * takes.cpu,
    memory: purse.memory - times * takes.memory,
    pricePerHour: purse.pricePerHour - times * takes.pricePerHour,
  };
}

/** What each of the items takes at least. */
export function leastOf(items: readonly Pick<Item, "ask">[]): Vector | undefined {
  const [first, ...others] = items;
  return first && others.reduce((least, { ask }) => least.map((one, at) => Math.min(one, ask[at] ?? 0)), first.ask);
}
