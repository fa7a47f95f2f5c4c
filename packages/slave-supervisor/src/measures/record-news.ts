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
  /** The class of its failure, where it had one, then too. */
  readonly failure: string | undefined;
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
    failure: isEnd ? life.failure?.class : undefined,
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
