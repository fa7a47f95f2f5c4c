import { packCheapest } from "../packing/pack.ts";
import { affordable, type Item, type Packing, type Purse, type Shape, spent } from "../packing/problem.ts";
import { fill, type Ground, put, type Rules, type Waiting } from "../placing/fill.ts";
import { fitting, type Space, type Vector } from "../placing/space.ts";
import type { Pool } from "../pool.ts";
import { freshGrounds } from "../pressure/grounds.ts";
import type { FreshNode } from "./fresh-node.ts";
import { tierOf, turnsOf } from "./tiers.ts";

/** A pool, as far as nodes may be bought of it. */
export interface Offer {
  readonly pool: Pool;
  readonly fresh: FreshNode;
  /** So many nodes may be asked for now. */
  readonly most: number;
}

export interface Bought {
  /** By the place of the pool, each node with the pods that it is for. */
  readonly grounds: readonly (readonly Ground[])[];
  readonly purse: Purse;
}

interface Market {
  /** What was looked at before: there is no room, but what is there counts for how pods are spread. */
  readonly present: readonly Ground[];
  readonly offers: readonly Offer[];
  readonly rules: Rules;
  readonly space: Space;
}

/**
 * Buys nodes for what waits, where any may be bought: for pods whose template names pools of the first of them that has any to give, for the
 * others of all that they fit, as cheaply as possible.
 */
export function buy(waiting: readonly Waiting[], market: Market, purse: Purse): Bought {
  const till = new Till(market, purse);
  const names = market.offers.map(({ pool }) => pool.name);
  for (let turn = 0; turn < turnsOf(waiting.map(({ kind }) => kind.needs)); turn += 1) {
    fill(waiting, [...market.present, ...till.grounds.flat()], market.rules);
    const open = waiting
      .filter(({ kind, placed }) => placed < kind.names.length)
      .map((one) => ({ one, tier: new Set(tierOf(one.kind.needs, names, turn)) }));
    const { true: packed = [], false: strict = [] } = Object.groupBy(
      open,
      ({ one }) => String(market.rules.topology.isOfOneNode(one.kind.needs)) as "true" | "false",
    );
    for (const { one, tier } of strict) till.buySingly(one, tier);
    till.buyTogether(packed);
  }
  return { grounds: till.grounds, purse: till.purse };
}

interface Asked {
  readonly one: Waiting;
  readonly tier: ReadonlySet<number>;
}

class Till {
  readonly grounds: Ground[][];
  purse: Purse;
  readonly #market: Market;
  /** What is left of an empty node of each pool. */
  readonly #rooms: readonly Vector[];

  constructor(market: Market, purse: Purse) {
    this.#market = market;
    this.#rooms = market.offers.map(({ fresh }) => market.space.room(fresh.allocatable));
    this.purse = purse;
    this.grounds = market.offers.map(() => []);
  }

  /** Nodes for all of these at once: what pods of a kind ask of others says nothing of other nodes. */
  buyTogether(asked: readonly Asked[]): void {
    if (asked.length === 0) return;
    const shapes = this.#market.offers.map((_offer, at) => this.#shapeOf(at));
    const items = asked.map((one) => this.#itemOf(one));
    const { packed } = packCheapest({ items, shapes, purse: this.purse, ...this.#conflictsOf(asked) });
    for (const { shape, times, counts } of packed)
      for (const ground of this.#open(shape, times))
        for (const [item, count] of counts) {
          const waiting = asked[item]?.one;
          if (waiting !== undefined) put(waiting, { ground, count, rules: this.#market.rules });
        }
  }

  /** One node after the other, the cheapest that takes the next pod, each filled before another is bought. */
  buySingly(one: Waiting, tier: ReadonlySet<number>): void {
    const { rules, offers, present } = this.#market;
    const order = [...tier].sort((a, b) => (offers[a]?.pool.pricePerHour ?? 0) - (offers[b]?.pool.pricePerHour ?? 0));
    for (const at of order)
      while (one.placed < one.kind.names.length && this.#accepts(one, at) && this.#shapeOf(at).most > 0) {
        const before = one.placed;
        const [ground] = this.#open(at, 1);
        fill([one], [...present, ...this.grounds.flat()], rules);
        if (one.placed > before || ground === undefined) continue;
        this.#giveBack(at);
        break;
      }
  }

  #accepts({ kind }: Waiting, at: number): boolean {
    const offer = this.#market.offers[at];
    if (offer === undefined || this.#market.rules.acceptance.refusal(kind.needs, offer.fresh.host) !== null)
      return false;
    return fitting(kind.ask, this.#rooms[at] ?? new Float64Array(), 1) === 1;
  }

  #itemOf({ one, tier }: Asked): Item {
    const { kind, placed } = one;
    const isAlone = this.#market.rules.topology.mayNotMeet(kind.needs, kind.needs);
    return {
      ask: kind.ask,
      count: kind.names.length - placed,
      perNode: isAlone ? 1 : Number.POSITIVE_INFINITY,
      accepted: this.#market.offers.map((_offer, at) => tier.has(at) && this.#accepts(one, at)),
    };
  }

  #shapeOf(at: number): Shape {
    const { pool, most } = this.#market.offers[at] as Offer;
    const { cpu = 0, memory = 0 } = pool.shape;
    const shape: Shape = {
      room: this.#rooms[at] ?? new Float64Array(),
      pricePerHour: pool.pricePerHour,
      rank: pool.isSpot ? 0 : 1,
      most: Math.max(0, most - (this.grounds[at]?.length ?? 0)),
      takes: { cpu, memory, pricePerHour: pool.pricePerHour },
    };
    return { ...shape, most: Math.min(shape.most, affordable(shape, this.purse)) };
  }

  #conflictsOf(asked: readonly Asked[]): Pick<Packing, "conflict"> {
    const { topology } = this.#market.rules;
    if (asked.every(({ one }) => topology.isFree(one.kind.needs))) return {};
    const needs = asked.map(({ one }) => one.kind.needs);
    const apart = needs.map((one) => needs.map((other) => topology.mayNotMeet(one, other)));
    return { conflict: (one, other) => apart[one]?.[other] === true };
  }

  #open(at: number, times: number): Ground[] {
    const { pool, fresh } = this.#market.offers[at] as Offer;
    this.purse = spent(this.purse, this.#shapeOf(at), times);
    const own = this.grounds[at] ?? [];
    const names = Array.from({ length: times }, (_none, index) => `${pool.name} (new node ${own.length + index + 1})`);
    const grounds = freshGrounds(fresh, this.#market.space, names);
    own.push(...grounds);
    return grounds;
  }

  #giveBack(at: number): void {
    this.purse = spent(this.purse, this.#shapeOf(at), -1);
    this.grounds[at]?.pop();
  }
}
