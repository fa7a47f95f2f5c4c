import type { HookedJob, HookedJobState } from "@kubestack/contracts";
import type { JobEvent } from "@kubestack/hooks";

/** A job goes through these in one direction; only another attempt brings it back. */
const order = { waiting: 0, running: 1, over: 2 } as const satisfies Record<HookedJobState, number>;

/** That a job still waits, told again, is written down no more often than this, in milliseconds: so it is not forgotten. */
export const refreshMs = 60 * 60_000;

/** What is kept of a job, and since when it is kept so, in milliseconds of NATS's time. */
export interface KnownJob {
  readonly value: HookedJob;
  readonly writtenAt: number;
}

/**
 * What is to be kept of a job after an event, or undefined where nothing is new. Events may come late, twice, and in any
 * order: what came out in the end is the same. `now` is NATS's time in milliseconds.
 */
export function nextJob(known: KnownJob | undefined, event: JobEvent, now: number): Omit<HookedJob, "op"> | undefined {
  const { at, ...told } = event;
  const next = { ...told, since: at ?? now };
  if (known === undefined || event.attempt > known.value.attempt) return next;
  if (event.attempt < known.value.attempt) return undefined;
  const { op: _op, ...value } = known.value;
  if (order[event.state] > order[value.state]) return next;
  const isRepeated = event.state === value.state && event.state !== "over";
  return isRepeated && now - known.writtenAt >= refreshMs ? value : undefined;
}
