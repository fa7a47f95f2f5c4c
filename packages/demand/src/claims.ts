import type { DemandSource, QueueItem, SlaveRecord } from "@kubestack/contracts";
import { isYounger, type RoundMark } from "./round.ts";
import type { Stage, Supply } from "./supply.ts";

/** A slave of a source that shows no computers. */
export interface ClaimingSlave {
  readonly record: Pick<SlaveRecord, "name" | "labels" | "template" | "state" | "size" | "item">;
  /** As of a `KnownSlave`. */
  readonly endedAtRound?: RoundMark | undefined;
  readonly unlabelled: boolean;
}

/** Items of a source each of which gets a slave of its own. */
export interface Claims {
  /** Those that no slave was launched for. */
  readonly open: readonly QueueItem[];
  /** Those that one was launched for, which has not ended. */
  readonly claimed: readonly { readonly item: QueueItem; readonly by: ClaimingSlave }[];
  /** Slaves whose item is not there any more, or has another slave, too. */
  readonly idle: readonly ClaimingSlave[];
}

/**
 * Which items have a slave: an id is paid once, until its slave has ended and a round has come that was begun after that. Of
 * two slaves for one item the older one has it. Pure: the order of items and slaves changes nothing.
 */
export function claimsOf(source: DemandSource, slaves: readonly ClaimingSlave[]): Claims {
  const byItem = new Map<string, ClaimingSlave>();
  const idle: ClaimingSlave[] = [];
  const wanted = new Set(source.items.map(({ id }) => id));
  for (const slave of slaves.filter((one) => counts(one, source)).toSorted(olderFirst)) {
    const id = slave.record.item?.id;
    if (id === undefined || !wanted.has(id) || byItem.has(id)) idle.push(slave);
    else byItem.set(id, slave);
  }
  const items = [...new Map(source.items.map((item) => [item.id, item])).values()];
  return {
    open: items.filter(({ id }) => !byItem.has(id)),
    claimed: items.flatMap((item) => {
      const by = byItem.get(item.id);
      return by === undefined ? [] : [{ item, by }];
    }),
    idle,
  };
}

/**
 * The supply of a source that counts what waits and what runs alike: each slave that has not ended serves one of them, whether
 * it works or not.
 */
export function supplyByCount(source: DemandSource, slaves: readonly ClaimingSlave[]): Supply[] {
  return slaves
    .filter((slave) => counts(slave, source))
    .map(({ record: { name, labels, template, state, size }, unlabelled }) => ({
      name,
      labels,
      template,
      unlabelled,
      stage: stageOf(state),
      ...(size === undefined ? {} : { size }),
    }));
}

/** How far a slave has come that no computer shows. */
export function stageOf(state: SlaveRecord["state"]): Stage {
  return state === "requested" || state === "scheduled" ? state : "online";
}

function counts({ endedAtRound }: ClaimingSlave, source: RoundMark): boolean {
  return endedAtRound === undefined || !isYounger(source, endedAtRound);
}

/** Numbers in names have no leading zeros: a longer name is a younger slave. */
function olderFirst({ record: a }: ClaimingSlave, { record: b }: ClaimingSlave): number {
  return a.name.length - b.name.length || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
