/** One kind of supply: equal ones need not be told apart. */
export interface SupplyKind {
  readonly count: number;
  /** How far it has come: whatever can be matched with a lower rank is. */
  readonly rank: number;
}

/** How many of each wish are matched with each kind of supply. */
export type Flow = readonly Int32Array[];

/**
 * A maximum matching of items with supply. `order` gives the wish of each item, oldest first; `supply` the kinds, most
 * preferred first (ranks ascend); `fitting`, for each wish, which kinds it can use, in the order of `supply`. An earlier
 * item is never left out for a later one, and of all maximum matchings it is one that uses as much supply of low rank as
 * any. Items are matched one by one by augmenting paths between kinds: the cost is that of the items alone where supply
 * is ample, and at worst that times the fitting pairs of wish and kind.
 */
export function matchKinds(
  order: readonly number[],
  supply: readonly SupplyKind[],
  fitting: readonly (readonly number[])[],
): Flow {
  const matching = new Matching(supply, fitting);
  for (const wish of order) matching.serve(wish);
  return matching.flow;
}

class Matching {
  readonly flow: Int32Array[];
  readonly #supply: readonly SupplyKind[];
  readonly #ranks: readonly number[];
  readonly #fitting: readonly (readonly number[])[];
  readonly #free: Int32Array;
  /** The wishes that hold some of a kind; one that gave all of it up may still be listed. */
  readonly #holders: number[][];
  /** Where each wish's first kind with anything free is: what is taken is never free again. */
  readonly #firstFree: Int32Array;
  /** How many ranks, from the first, a wish can't reach any more: once no path led there, none ever will. */
  readonly #closed: Int32Array;
  readonly #search: Search;

  constructor(supply: readonly SupplyKind[], fitting: readonly (readonly number[])[]) {
    this.#supply = supply;
    this.#fitting = fitting;
    this.#ranks = [...new Set(supply.map(({ rank }) => rank))].sort((a, b) => a - b);
    this.#free = Int32Array.from(supply, ({ count }) => count);
    this.#holders = supply.map(() => []);
    this.flow = fitting.map(() => new Int32Array(supply.length));
    this.#firstFree = new Int32Array(fitting.length);
    this.#closed = new Int32Array(fitting.length);
    this.#search = new Search(fitting.length, supply.length);
  }

  /** Matches one more item of this wish, if that can be done without leaving out one that is matched. */
  serve(wish: number): void {
    for (let level = this.#closed[wish] ?? 0; level < this.#ranks.length; level += 1) {
      const end = this.#reach(wish, level);
      if (end === undefined) continue;
      this.#push(wish, end);
      return;
    }
  }

  /**
   * Looks for a free kind of at most this level's rank, over wishes that can take another kind than the one they hold.
   * Where there is none, there never will be for any wish that was seen: whatever is matched later ends elsewhere.
   */
  #reach(wish: number, level: number): number | undefined {
    const search = this.#search.begin(wish);
    const direct = this.#freeFor(wish, this.#ranks[level] ?? 0);
    if (direct !== undefined) return direct;
    for (const from of search.wishes) {
      for (const kind of this.#fitting[from] ?? []) {
        const end = search.comesTo(kind, from) ? this.#beyond(kind, level) : undefined;
        if (end !== undefined) return end;
      }
    }
    for (const seen of search.wishes) this.#closed[seen] = level + 1;
    return undefined;
  }

  /** Goes on from a kind to those who hold some of it, and from them to a free kind. */
  #beyond(kind: number, level: number): number | undefined {
    const rank = this.#ranks[level] ?? 0;
    for (const holder of this.#holders[kind] ?? []) {
      if ((this.#closed[holder] ?? 0) > level || (this.flow[holder]?.[kind] ?? 0) === 0) continue;
      const end = this.#search.displaces(holder, kind) ? this.#freeFor(holder, rank) : undefined;
      if (end !== undefined) return end;
    }
    return undefined;
  }

  /** The first free kind that a wish can use, if it is of at most this rank; it is noted as reached from there. */
  #freeFor(wish: number, rank: number): number | undefined {
    const fitting = this.#fitting[wish] ?? [];
    let at = this.#firstFree[wish] ?? 0;
    while (at < fitting.length && this.#free[fitting[at] ?? 0] === 0) at += 1;
    this.#firstFree[wish] = at;
    const kind = fitting[at];
    if (kind === undefined || (this.#supply[kind]?.rank ?? 0) > rank) return undefined;
    this.#search.comesTo(kind, wish);
    return kind;
  }

  /** Each wish on the path gives up one of the kind that it held for one of the next. */
  #push(wish: number, end: number): void {
    this.#free[end] = (this.#free[end] ?? 0) - 1;
    let by = this.#search.reachedBy(end);
    this.#move(by, end, 1);
    while (by !== wish) {
      const kind = this.#search.givenUpBy(by);
      this.#move(by, kind, -1);
      by = this.#search.reachedBy(kind);
      this.#move(by, kind, 1);
    }
  }

  #move(wish: number, kind: number, count: 1 | -1): void {
    const row = this.flow[wish];
    const holders = this.#holders[kind];
    if (row === undefined || holders === undefined) return;
    if (row[kind] === 0 && !holders.includes(wish)) holders.push(wish);
    row[kind] = (row[kind] ?? 0) + count;
  }
}

/** What one search has seen. Marks of earlier searches are told apart by the search's number, never wiped. */
class Search {
  wishes: number[] = [];
  #number = 0;
  readonly #seenWish: Int32Array;
  readonly #seenKind: Int32Array;
  readonly #reachedBy: Int32Array;
  readonly #givenUp: Int32Array;

  constructor(wishes: number, kinds: number) {
    this.#seenWish = new Int32Array(wishes);
    this.#seenKind = new Int32Array(kinds);
    this.#reachedBy = new Int32Array(kinds);
    this.#givenUp = new Int32Array(wishes);
  }

  begin(wish: number): this {
    this.#number += 1;
    this.wishes = [wish];
    this.#seenWish[wish] = this.#number;
    return this;
  }

  /** False where the kind was reached before. */
  comesTo(kind: number, from: number): boolean {
    if (this.#seenKind[kind] === this.#number) return false;
    this.#seenKind[kind] = this.#number;
    this.#reachedBy[kind] = from;
    return true;
  }

  /** False where the wish was seen before. */
  displaces(wish: number, kind: number): boolean {
    if (this.#seenWish[wish] === this.#number) return false;
    this.#seenWish[wish] = this.#number;
    this.#givenUp[wish] = kind;
    this.wishes.push(wish);
    return true;
  }

  reachedBy(kind: number): number {
    return this.#reachedBy[kind] ?? 0;
  }

  givenUpBy(wish: number): number {
    return this.#givenUp[wish] ?? 0;
  }
}
