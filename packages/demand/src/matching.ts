/** One kind of left side or right side, with how many there are of it: equal ones need not be told apart. */
export interface Kind {
  readonly count: number;
}

/** How many of each left kind are matched with each right kind. */
export type Flow = number[][];

/**
 * A maximum matching between kinds: left kinds are served in the given order, each preferring right kinds in the given
 * order, and an earlier one is never left out for a later one (augmenting paths only ever re-route it).
 * Cost grows with the numbers of kinds, not of items or slaves.
 */
export function matchKinds(
  left: readonly Kind[],
  right: readonly Kind[],
  fits: (left: number, right: number) => boolean,
): Flow {
  const flow: Flow = left.map(() => right.map(() => 0));
  const free = right.map(({ count }) => count);
  const edges = left.map((_, l) => right.flatMap((_, r) => (fits(l, r) ? [r] : [])));
  left.forEach(({ count }, l) => {
    let wanted = count;
    while (wanted > 0) {
      const moved = augment({ from: l, wanted, flow, free, edges });
      if (moved === 0) break;
      wanted -= moved;
    }
  });
  return flow;
}

interface Search {
  readonly from: number;
  readonly wanted: number;
  readonly flow: Flow;
  readonly free: number[];
  readonly edges: readonly (readonly number[])[];
}

/** Moves as many as one path allows from a left kind to a free right kind; returns how many. */
function augment({ from, wanted, flow, free, edges }: Search): number {
  const reachedBy = new Map<number, number>();
  const displaced = new Map<number, number>();
  const queue = [from];
  const seenLeft = new Set(queue);
  for (const l of queue) {
    for (const r of edges[l] ?? []) {
      if (reachedBy.has(r)) continue;
      reachedBy.set(r, l);
      if ((free[r] ?? 0) > 0) return push({ from, wanted, flow, free, end: r, reachedBy, displaced });
      flow.forEach((row, other) => {
        if ((row[r] ?? 0) === 0 || seenLeft.has(other)) return;
        seenLeft.add(other);
        displaced.set(other, r);
        queue.push(other);
      });
    }
  }
  return 0;
}

interface Path {
  readonly from: number;
  readonly wanted: number;
  readonly flow: Flow;
  readonly free: number[];
  readonly end: number;
  /** The left kind from which a right kind was reached. */
  readonly reachedBy: ReadonlyMap<number, number>;
  /** The right kind that a left kind would give up. */
  readonly displaced: ReadonlyMap<number, number>;
}

function push({ from, wanted, flow, free, end, reachedBy, displaced }: Path): number {
  const steps: { l: number; r: number; gives: number | undefined }[] = [];
  for (let r = end; ; ) {
    const l = reachedBy.get(r) ?? from;
    const gives = l === from ? undefined : displaced.get(l);
    steps.push({ l, r, gives });
    if (gives === undefined) break;
    r = gives;
  }
  const moved = steps.reduce(
    (least, { l, gives }) => (gives === undefined ? least : Math.min(least, flow[l]?.[gives] ?? 0)),
    Math.min(wanted, free[end] ?? 0),
  );
  for (const { l, r, gives } of steps) {
    const row = flow[l];
    if (row === undefined) continue;
    row[r] = (row[r] ?? 0) + moved;
    if (gives !== undefined) row[gives] = (row[gives] ?? 0) - moved;
  }
  free[end] = (free[end] ?? 0) - moved;
  return moved;
}
