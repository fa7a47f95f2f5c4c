import type { LastHour } from "./launch-history.ts";

/** How many launches may be made now, and why no more. */
export interface Allowance {
  readonly launches: number;
  readonly reason: string;
}

/** Launches of an hour that may be lost, however few there were; beyond it a share of them. */
const lostFloor = 20;
const lostShare = 0.2;
const minuteMs = 60_000;

/**
 * The brake, whatever the fault is: launches a minute are bounded, and launching stops when too many of the last hour's
 * launches neither served nor live. It lets go by itself as the hour passes.
 */
export function allowanceOf(of: {
  readonly births: readonly number[];
  readonly launchesPerMinute: number;
  readonly lastHour: LastHour;
  readonly now: number;
}): Allowance {
  const { launched, lost } = of.lastHour;
  const limit = Math.max(lostFloor, Math.floor(launched * lostShare));
  if (lost > limit)
    return {
      launches: 0,
      reason: `launching has stopped: ${lost} of the last hour's ${launched} launches ran no build, more than ${limit}; kubestackcmd events shows why they ended`,
    };
  const thisMinute = of.births.filter((at) => of.now - at < minuteMs).length;
  return {
    launches: Math.max(0, of.launchesPerMinute - thisMinute),
    reason: `this minute's ${of.launchesPerMinute} launches are used up (limits.launchesPerMinute)`,
  };
}
