import type { DemandSource, QueueItem, SlaveLife } from "@kubestack/contracts";
import { fits, parseLabelExpression } from "@kubestack/demand";
import { nodeWantedBy } from "./observe/wanted-node.ts";

/** After this time a slave is put back online whatever waits, in milliseconds: Jenkins gives a block five minutes for its node. */
export const patienceMs = 60_000;

export interface ComingBack {
  readonly name: string;
  readonly labels: readonly string[];
  readonly life: Pick<SlaveLife, "session" | "builds">;
  /** Whether it takes builds that name no label. */
  readonly unlabelled: boolean;
}

/**
 * Whether a slave whose build is to go on may be put back online: once that build waits for it, and nothing that the
 * master would rather hand to it. A master goes through its queue from the oldest item on, and one that came before would
 * get the only executor: its build would run on a used slave, and the one that is to go on would wait for it, perhaps too
 * long. An item like that gets a slave of its own soon, so it is worth a little patience.
 */
export function mayComeBack(slave: ComingBack, source: DemandSource | undefined, now: number): boolean {
  const { session, builds } = slave.life;
  if (now - (builds.awaitedSince ?? 0) >= patienceMs) return true;
  if (source === undefined || source.state !== "ok" || source.session !== session) return false;
  const own = source.items.find((item) => nodeWantedBy(item) === slave.name);
  if (own === undefined) return false;
  return !source.items.some((item) => item !== own && isOlder(item, own) && wouldTake(item, slave));
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
