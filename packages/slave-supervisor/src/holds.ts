import type { LaunchEnd } from "./launch-history.ts";

/** A template whose launches keep failing is held back for the first time this long, doubled with each try that fails, in milliseconds. */
export const holdLimits = { leastMs: 30_000, mostMs: 30 * 60_000 } as const;

/** A pod that went may have made room: then the next try is this long after the last one at the soonest, in milliseconds. */
export const soonestMs = 5_000;

/** What a template's failures since its last success mean for the next launch. */
export interface Standing {
  /** Why nothing is launched from it now, if so. */
  readonly hold?: string;
  /** Until when, in milliseconds of NATS's time, and after which failures. */
  readonly held?: { readonly until: number; readonly because: string };
  /** After a hold one slave is tried before more. */
  readonly onTrial: boolean;
}

/**
 * How a template stands at `now`, or a namespace or master. `all` are its failures since its last success, oldest first; `roomAt`: when
 * what it is short of last became more.
 */
export function standingOf(all: readonly LaunchEnd[], now: number, roomAt: number | null = null): Standing {
  if (all.length === 0) return { onTrial: false };
  const failures = all.filter(({ isLifted }) => isLifted !== true);
  const last = failures.at(-1);
  // A person says that what failed is mended: that is tried, like after the time of the hold.
  if (last === undefined) return { onTrial: true };
  const holdMs = Math.min(holdLimits.mostMs, holdLimits.leastMs * 2 ** Math.min(triesIn(failures) - 1, 20));
  const isRoomier = roomAt !== null && roomAt > last.at;
  const until = isRoomier ? Math.min(last.at + holdMs, Math.max(roomAt, last.at + soonestMs)) : last.at + holdMs;
  const leftMs = until - now;
  if (leftMs <= 0) return { onTrial: true };
  const count = failures.length === 1 ? "a launch" : `${failures.length} launches in a row`;
  return {
    hold: `${count} failed, next try in ${Math.ceil(leftMs / 1000)} s; the last: ${last.reason}`,
    held: { until, because: `${count} failed; the last: ${last.reason}` },
    onTrial: true,
  };
}

/** Launches that were made before the first of them failed are one try: they fail of one cause. */
function triesIn(failures: readonly LaunchEnd[]): number {
  let tries = 0;
  let failedAt = Number.NEGATIVE_INFINITY;
  for (const { at, bornAt } of failures) {
    if (bornAt < failedAt) continue;
    tries += 1;
    failedAt = at;
  }
  return tries;
}
