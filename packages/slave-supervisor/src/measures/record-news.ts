import type { Outcome, SlaveRecord, SlaveState } from "@kubestack/contracts";

/** A state that a slave entered for the first time. */
export interface Reached {
  readonly state: SlaveState;
  /** Since the reading of the queue that showed its item, in milliseconds. */
  readonly afterMs: number;
}

/** What a saved change of a record says that is counted. */
export interface RecordNews {
  readonly reached: readonly Reached[];
  /** How the launch ended, where the slave is deleted by this change. */
  readonly outcome: Outcome | undefined;
  /** Builds that ended. */
  readonly builds: number;
  /** How many of them were more than the slave is meant to run. */
  readonly shared: number;
}

const awaitedStates: readonly SlaveState[] = ["scheduled", "online", "busy"];

/** Compares a record with the one that was saved before it. Pure. */
export function newsOf(before: SlaveRecord, after: SlaveRecord): RecordNews {
  const { life, item } = after;
  const isEnd = after.state === "deleted" && before.state !== "deleted";
  return {
    // What fell out of the trail may have been the first of its kind.
    reached: item === null || life.trailDropped > 0 ? [] : reached(before, after, item.seenAt),
    outcome: isEnd ? (life.outcome ?? undefined) : undefined,
    builds: Math.max(0, life.builds.ran - before.life.builds.ran),
    shared: Math.max(0, beyond(after) - beyond(before)),
  };
}

function reached(before: SlaveRecord, { life }: SlaveRecord, since: number): Reached[] {
  const known = new Set(before.life.trail.map(({ state }) => state));
  const entries = life.trail.slice(before.life.trail.length).filter(({ state }) => awaitedStates.includes(state));
  return entries.flatMap(({ state, at }) => {
    if (known.has(state)) return [];
    known.add(state);
    return [{ state, afterMs: Math.max(0, at - since) }];
  });
}

/** Builds that ended beyond the slave's limit. */
function beyond({ life: { limits, builds } }: SlaveRecord): number {
  return limits.builds === 0 ? 0 : Math.max(0, builds.ran - limits.builds);
}
