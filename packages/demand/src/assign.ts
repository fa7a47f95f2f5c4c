import { isSatisfiedBy, type LabelExpression, labelsNamedIn } from "./label-expression.ts";
import { matchKinds } from "./matching.ts";
import { rankOf, type Supply } from "./supply.ts";
import type { Wish, Wisher } from "./wishes.ts";

/** Which supply is expected to take which item. */
export interface Assignment {
  readonly served: readonly { readonly wisher: Wisher; readonly by: Supply }[];
  readonly unserved: readonly Wisher[];
  /** Names of the supply that is expected to take an item. */
  readonly used: ReadonlySet<string>;
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
export function assign(wishers: readonly Wisher[], wishes: readonly Wish[], supply: readonly Supply[]): Assignment {
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
  const served: { wisher: Wisher; by: Supply }[] = [];
  const unserved: Wisher[] = [];
  const next = lists.map(() => 0);
  for (const wisher of wishers) {
    const at = next[wisher.wish] ?? 0;
    const by = lists[wisher.wish]?.[at];
    next[wisher.wish] = at + 1;
    if (by === undefined) unserved.push(wisher);
    else served.push({ wisher, by });
  }
  return { served, unserved, used: new Set(served.map(({ by }) => by.name)) };
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
  const named = new Set(wishes.flatMap(({ expression }) => (expression === null ? [] : labelsNamedIn(expression))));
  const written = new Map<string, Group>();
  const groups = new Map<string, Group>();
  const kinds: Kind[] = [];
  for (const one of supply) {
    // Every node's own name is a label too; here and below only those that somebody asks for matter.
    const own = named.has(one.name) ? one.name : "";
    const asWritten = `${one.unlabelled}\n${own}\n${one.labels.join("\n")}`;
    let group = written.get(asWritten);
    if (group === undefined) {
      const labels = new Set([...one.labels, one.name].filter((label) => named.has(label)));
      const key = `${one.unlabelled}\n${[...labels].sort().join("\n")}`;
      group = groups.get(key) ?? groupOf({ labels, unlabelled: one.unlabelled }, wishes);
      groups.set(key, group);
      written.set(asWritten, group);
    }
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

function groupOf(to: { labels: ReadonlySet<string>; unlabelled: boolean }, wishes: readonly Wish[]): Group {
  return {
    usableFor: wishes.flatMap(({ expression }, wish) => (fits(expression, to) ? [wish] : [])),
    kinds: new Map(),
  };
}
