import type { DemandSource, QueueItem, SlaveLife } from "@kubestack/contracts";
import { fits, parseLabelExpression } from "@kubestack/demand";
import { nodeWantedBy } from "./observe/wanted-node.ts";

/** After this time a slave is put back online whatever waits, in milliseconds: Jenkins gives a block five minutes for its node. */
export const patienceMs = 60_000;
/**
 * What died with the master is known to be over by then, and its slaves on their way out, in milliseconds after the restart:
 * what waits for their places has slaves coming.
 */
export const settlingMs = 15_000;

export interface ComingBack {
  readonly name: string;
  readonly labels: readonly string[];
  readonly life: Pick<SlaveLife, "session" | "builds">;
  /** Whether it takes builds that name no label. */
  readonly unlabelled: boolean;
}

/** What the queue holds, and for which of its items no slave comes now. */
export interface Waiting {
  readonly source: DemandSource | undefined;
  readonly unserved: ReadonlySet<string>;
}

/**
 * Whether a slave whose build is to go on may be put back online: once that build waits for it, and nothing that the
 * master would rather hand to it. A master goes through its queue from the oldest item on, and one that came before would
 * get the only executor: its build would run on a used slave, and the one that is to go on would wait for it, perhaps too
 * long. An item like that gets a slave of its own soon, so it is worth a little patience; but one that gets none, because a
 * cap is full for example, is in the way until it has run here: every moment of patience is lost.
 */
export function mayComeBack(slave: ComingBack, { source, unserved }: Waiting, now: number): boolean {
  const { session, builds } = slave.life;
  const waitedMs = now - (builds.awaitedSince ?? 0);
  if (waitedMs >= patienceMs) return true;
  if (source === undefined || source.state !== "ok" || source.session !== session) return false;
  const own = source.items.find((item) => nodeWantedBy(item) === slave.name);
  if (own === undefined) return false;
  const rivals = source.items.filter((item) => item !== own && isOlder(item, own) && wouldTake(item, slave));
  if (rivals.length === 0) return true;
  // After a build that came between the restart is long ago.
  const isSettled = waitedMs >= settlingMs || builds.awaitedSince === builds.finishedAt;
  return isSettled && rivals.some(({ id }) => unserved.has(id));
}

function isOlder(item: QueueItem, own: QueueItem): boolean {
  return (item.waitingSince ?? 0) <= (own.waitingSince ?? Number.POSITIVE_INFINITY);
}

function wouldTake({ wants }: QueueItem, { name, labels, unlabelled }: ComingBack): boolean {
  // What is not known might be anything: a pipeline's block whose label the master hides, for example.
  if (wants.kind === "unknown") return false;
  const expression = wants.kind === "any" ? null : parseLabelExpression(wants.expression);
  return fits(expression, { labels: new Set([...labels, name]), unlabelled });
}
