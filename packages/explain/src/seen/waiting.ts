import type { QueueItem, SlaveRecord } from "@kubestack/contracts";
import { type MasterState, printWish } from "./master-state.ts";
import type { Observation } from "./observation.ts";

/** Builds that wait for the same reason. */
export interface WaitGroup {
  /** The plan's code, or `queued` for what no plan speaks of yet. */
  readonly code: string;
  readonly reason: string;
  readonly masters: readonly string[];
  readonly builds: number;
  /** When the oldest began to wait, by its master's clock, in milliseconds. */
  readonly oldestSince: number | null;
}

/** Builds whose label no template serves. */
export interface NotOurs {
  readonly wants: string;
  readonly builds: number;
}

export interface Waiting {
  readonly groups: readonly WaitGroup[];
  readonly notOurs: readonly NotOurs[];
}

/** One build and why it waits. */
export interface Wait {
  readonly master: string;
  readonly code: string;
  /** Empty for `slave-coming` where the plan launches a slave for it just now. */
  readonly reason: string;
  readonly item: QueueItem;
}

/** A master whose queue is known, and how it stands. */
export interface KnownMaster {
  readonly master: string;
  readonly state: MasterState;
}

/**
 * Why each waiting build waits: the items are those of the newest round, the reasons those of the newest plan. A plan is
 * told only when it changes, so what the round no longer shows is left out, and what it shows anew is not decided yet.
 */
export function waitingOf(masters: readonly KnownMaster[], seen: Observation): Waiting {
  const waits = masters.flatMap((one) => waitsOf(one, seen));
  const ours = waits.filter(({ code }) => code !== "not-ours");
  return { groups: grouped(ours, seen.slaves), notOurs: counted(waits.filter(({ code }) => code === "not-ours")) };
}

/** Each build that waits at one master, and why; none where what waits there is not known. */
export function waitsOf({ master, state }: KnownMaster, { rounds, plans }: Observation): Wait[] {
  const items = rounds.get(master)?.source.items ?? [];
  if (state === "refused" || state === "unreachable" || state === "unread") return [];
  if (state === "quieting" || state === "unsupervised") {
    const reason = state === "quieting" ? `${master} is about to shut down` : `no slave-supervisor owns ${master}`;
    return items.map((item) => ({ master, code: state, reason, item }));
  }
  const plan = plans.get(master);
  const reasons = new Map(plan?.waiting.map((one) => [one.item, one]));
  const named = new Set(plan?.launches.flatMap(({ items: ids = [] }) => ids));
  // An older release does not tell for which items it launches.
  let launched = plan?.launches.reduce((sum, { count, items: ids }) => sum + (ids === undefined ? count : 0), 0) ?? 0;
  let unlisted = plan?.more ?? 0;
  return items.map((item) => {
    const known = reasons.get(item.id);
    if (known !== undefined) return { master, code: known.code, reason: known.reason, item };
    if (named.has(item.id)) return { master, code: coming, reason: "", item };
    if (launched > 0) {
      launched -= 1;
      return { master, code: coming, reason: "", item };
    }
    unlisted -= 1;
    return unlisted >= 0
      ? { master, code: "unlisted", reason: "beyond those whose reasons are listed", item }
      : { master, code: "queued", reason: "queued, not decided on yet", item };
  });
}

const coming = "slave-coming";

function grouped(waits: readonly Wait[], slaves: readonly SlaveRecord[]): WaitGroup[] {
  const groups = new Map<string, Wait[]>();
  for (const wait of waits) {
    // Each of these names a slave of its own; what counts is that one comes.
    const key = wait.code === coming || wait.code === "own-slave" ? wait.code : `${wait.code} ${wait.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), wait]);
  }
  return [...groups.values()]
    .map((members) => {
      const [{ code, reason } = { code: "", reason: "" }] = members;
      const masters = [...new Set(members.map(({ master }) => master))];
      const since = members.flatMap(({ item }) => (item.waitingSince === null ? [] : [item.waitingSince]));
      return {
        code,
        reason: code === coming ? comingReason(masters, slaves) : code === "own-slave" ? ownSlave : reason,
        masters,
        builds: members.length,
        oldestSince: since.length === 0 ? null : since.reduce((a, b) => Math.min(a, b)),
      };
    })
    .sort((a, b) => (a.oldestSince ?? Number.POSITIVE_INFINITY) - (b.oldestSince ?? Number.POSITIVE_INFINITY));
}

const ownSlave = "wants one slave by its name, and waits for it";

/** `slave on its way (5 image, 4 node)`: what the slaves that are starting wait on. */
function comingReason(masters: readonly string[], slaves: readonly SlaveRecord[]): string {
  const counts = new Map<string, number>();
  for (const { master, state, life } of slaves) {
    if (!masters.includes(master) || (state !== "requested" && state !== "scheduled")) continue;
    const phase = state === "requested" ? "pod" : life.pod.waitsOn;
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  const phases = [...counts].map(([phase, count]) => `${count} ${phase}`);
  return `slave on its way${phases.length === 0 ? "" : ` (${phases.join(", ")})`}`;
}

function counted(waits: readonly Wait[]): NotOurs[] {
  const counts = new Map<string, number>();
  for (const { item } of waits) counts.set(printWish(item.wants), (counts.get(printWish(item.wants)) ?? 0) + 1);
  return [...counts].map(([wants, builds]) => ({ wants, builds })).sort((a, b) => b.builds - a.builds);
}
