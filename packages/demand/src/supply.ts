import type { Computer, DemandSource, PodSize, SlaveRecord } from "@kubestack/contracts";
import type { RoundMark } from "./round.ts";
import { isYounger } from "./round.ts";

/** How far a supply has come: the most advanced is matched first. */
export type Stage = "online" | "scheduled" | "requested";

/** Something that will take one waiting build. */
export interface Supply {
  readonly name: string;
  readonly labels: readonly string[];
  readonly stage: Stage;
  /** Empty for agents that are not ours. */
  readonly template: string;
  /** Whether it takes builds that name no label. */
  readonly unlabelled: boolean;
  /** What was asked for by label when it was launched; absent: nothing. */
  readonly size?: PodSize | undefined;
  /** How many of our slaves are on its node, where that node may go once it is empty. Default: it makes no difference. */
  readonly together?: number | undefined;
}

/** A slave as the demand arithmetic sees it. */
export interface KnownSlave {
  readonly record: Pick<SlaveRecord, "name" | "labels" | "template" | "state" | "size">;
  /** Whether an earlier round showed it online; what only a look saw is no round. */
  readonly shownOnline: boolean;
  /**
   * The youngest round that may have begun before it ended (left the states that can take a build); undefined while it
   * lives. A round that is being read when it ends is one of these, though nobody knows it yet: it may show the slave's
   * item waiting still, and the slave not online.
   */
  readonly endedAtRound?: RoundMark | undefined;
  /** It is no supply, however idle it shows: kept for a build that is to go on there, or for what another source wants. */
  readonly isKept?: boolean | undefined;
  readonly unlabelled: boolean;
  /** The node that it is on, where that may go once it is empty. */
  readonly node?: string | undefined;
}

/**
 * The supply that a round shows. No clock is used: a slave counts if the round shows it online and idle, whatever it
 * does now, or does not show it online yet, unless it ended and a younger round than the one known then has come.
 * One shown busy, marked offline, or gone after being online does not count. Idle agents that are not ours count where
 * the master tells their labels. It holds because computers were read before the queue.
 */
export function supplyOf(source: DemandSource, slaves: readonly KnownSlave[]): Supply[] {
  const foreign = new Map((source.computers ?? []).map((computer) => [computer.name, computer]));
  const computers = slaves.map(({ record }) => foreign.get(record.name));
  const together = countsByNode(slaves);
  const byStage: Record<Stage, Supply[]> = { online: [], scheduled: [], requested: [] };
  slaves.forEach((slave, at) => {
    const stage = stageOf(slave, computers[at], source);
    if (stage !== undefined) byStage[stage].push(asSupply(slave, stage, together));
  });
  for (const shown of computers) if (shown !== undefined) foreign.delete(shown.name);
  for (const computer of foreign.values()) byStage.online.push(...foreignSupply(computer));
  // Slaves mostly come in the order of their launches: each stage by itself is all but sorted.
  return [byStage.online, byStage.scheduled, byStage.requested].flatMap((all) => all.sort(mostAdvancedFirst));
}

function stageOf(slave: KnownSlave, shown: Computer | undefined, source: RoundMark): Stage | undefined {
  if (slave.isKept) return undefined;
  if (shown?.online) return shown.idle && !shown.markedOffline ? "online" : undefined;
  // Not shown online, though it was before, or marked: it takes nothing any more.
  if (slave.shownOnline || shown?.markedOffline) return undefined;
  if (slave.endedAtRound !== undefined && isYounger(source, slave.endedAtRound)) return undefined;
  return slave.record.state === "requested" ? "requested" : "scheduled";
}

/** Also those that run a build: a node that has such a one stays for it. */
function countsByNode(slaves: readonly KnownSlave[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { node, endedAtRound } of slaves)
    if (node !== undefined && endedAtRound === undefined) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

function asSupply({ record, unlabelled, node }: KnownSlave, stage: Stage, counts: ReadonlyMap<string, number>): Supply {
  const { name, labels, template, size } = record;
  const together = node === undefined ? undefined : counts.get(node);
  return { name, labels, stage, template, unlabelled, size, ...(together === undefined ? {} : { together }) };
}

function foreignSupply(computer: Computer): Supply[] {
  if (!computer.online || computer.markedOffline || computer.labels === null) return [];
  const free = Math.max(0, computer.executors - computer.builds.length);
  const { name, labels } = computer;
  return Array.from({ length: computer.idle ? free : 0 }, (_, executor) => ({
    name: `${name}#${executor}`,
    labels: [...labels, name],
    stage: "online" as const,
    template: "",
    // Whether a foreign node takes unlabelled builds is not told; counting it would starve them.
    unlabelled: false,
  }));
}

/** How far each stage is from taking a build. */
export const rankOf: Readonly<Record<Stage, number>> = { online: 0, scheduled: 1, requested: 2 };

/**
 * Most advanced first, then on the fullest node, so that others empty out, then the oldest: numbers in names have no leading zeros, so a
 * longer name is a younger slave.
 */
export function mostAdvancedFirst(a: Supply, b: Supply): number {
  return (
    rankOf[a.stage] - rankOf[b.stage] ||
    (b.together ?? 0) - (a.together ?? 0) ||
    a.name.length - b.name.length ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}
