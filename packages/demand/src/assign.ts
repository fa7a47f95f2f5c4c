import { isSatisfiedBy, type LabelExpression } from "./label-expression.ts";
import { matchKinds } from "./matching.ts";
import { rankOf, type Supply } from "./supply.ts";
import { WishIndex } from "./wish-index.ts";
import type { Wish, Wisher } from "./wishes.ts";

/** Which supply is expected to take which item. */
export interface Assignment<Of extends Pick<Wisher, "wish"> = Wisher> {
  readonly served: readonly { readonly wisher: Of; readonly by: Supply }[];
  readonly unserved: readonly Of[];
  /** The supply that is expected to take an item. */
  readonly used: ReadonlySet<Supply>;
}

/** Whether these labels satisfy the wish; one for no label needs what takes such builds. */
export function fits(
  expression: LabelExpression | null,
  to: { labels: ReadonlySet<string>; unlabelled: boolean },
): boolean {
  return expression === null ? to.unlabelled : isSatisfiedBy(expression, to.labels);
}

/**
 * Matches items, oldest first, with supply, which must be sorted: most advanced first, then what fewest wishes can use,
 * then in the order given. It is the master that hands out builds; this only tells how many more slaves are needed, and
 * which are not.
 */
export function assign<Of extends Pick<Wisher, "wish">>(
  wishers: readonly Of[],
  wishes: readonly Wish[],
  supply: readonly Supply[],
): Assignment<Of> {
  const kinds = kindsOf(supply, wishes);
  const fitting = wishes.map((): number[] => []);
  kinds.forEach(({ group }, kind) => {
    for (const wish of group.usableFor) fitting[wish]?.push(kind);
  });
  const flow = matchKinds(
    wishers.map(({ wish }) => wish),
    kinds.map(({ members, rank }) => ({ count: members.length, rank })),
    fitting,
  );
  const given = kinds.map(() => 0);
  const lists = fitting.map((usable, wish) => {
    const list: Supply[] = [];
    for (const kind of usable) {
      const from = given[kind] ?? 0;
      const to = from + (flow[wish]?.[kind] ?? 0);
      given[kind] = to;
      for (let at = from; at < to; at += 1) list.push(kinds[kind]?.members[at] as Supply);
    }
    return list;
  });
  const served: { wisher: Of; by: Supply }[] = [];
  const unserved: Of[] = [];
  const next = lists.map(() => 0);
  for (const wisher of wishers) {
    const at = next[wisher.wish] ?? 0;
    const by = lists[wisher.wish]?.[at];
    next[wisher.wish] = at + 1;
    if (by === undefined) unserved.push(wisher);
    else served.push({ wisher, by });
  }
  return { served, unserved, used: new Set(served.map(({ by }) => by)) };
}

/** Supply with the same labels, as far as any wish asks for them. */
interface Group {
  /** The wishes that can use it. */
  readonly usableFor: readonly number[];
  /** Its kinds, by rank. */
  readonly kinds: Map<number, Kind>;
}

interface Kind {
  readonly rank: number;
  readonly group: Group;
  readonly members: Supply[];
}

function kindsOf(supply: readonly Supply[], wishes: readonly Wish[]): Kind[] {
  const groups = new Groups(wishes);
  const kinds: Kind[] = [];
  for (const one of supply) {
    const group = groups.of(one);
    const rank = rankOf[one.stage];
    const kind = group.kinds.get(rank);
    if (kind !== undefined) kind.members.push(one);
    else {
      const first: Kind = { rank, group, members: [one] };
      group.kinds.set(rank, first);
      kinds.push(first);
    }
  }
  // The sort keeps what came first, the oldest, first among equals.
  return kinds.sort((a, b) => a.rank - b.rank || a.group.usableFor.length - b.group.usableFor.length);
}

/** Supply in groups. Most of it has the labels of the one before from its template, which is all that is looked at then. */
class Groups {
  readonly #wishes: readonly Wish[];
  readonly #index: WishIndex;
  readonly #groups = new Map<string, Group>();
  readonly #last = new Map<string, { readonly like: Supply; readonly group: Group }>();

  constructor(wishes: readonly Wish[]) {
    this.#wishes = wishes;
    this.#index = new WishIndex(wishes);
  }

  of(one: Supply): Group {
    // Every node's own name is a label too.
    if (this.#index.names(one.name)) return this.#find([...one.labels, one.name], one.unlabelled);
    const last = this.#last.get(one.template);
    if (last !== undefined && isAlike(last.like, one)) return last.group;
    const group = this.#find(one.labels, one.unlabelled);
    this.#last.set(one.template, { like: one, group });
    return group;
  }

  #find(all: readonly string[], unlabelled: boolean): Group {
    const labels = new Set(all.filter((label) => this.#index.names(label)));
    const key = `${unlabelled}\n${[...labels].sort().join("\n")}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const usableFor = this.#index.candidates(labels).filter((at) => {
      const wish = this.#wishes[at];
      return wish !== undefined && fits(wish.expression, { labels, unlabelled });
    });
    const group: Group = { usableFor, kinds: new Map() };
    this.#groups.set(key, group);
    return group;
  }
}

function isAlike(a: Supply, b: Supply): boolean {
  if (a.unlabelled !== b.unlabelled || a.labels.length !== b.labels.length) return false;
  return a.labels.every((label, at) => label === b.labels[at]);
}
