import { Cron } from "croner";
import type { WarmWindow } from "./entry.ts";

const month = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const day = "SUN|MON|TUE|WED|THU|FRI|SAT";
/** What every cron knows: the library has more, such as the last day of a month, which others do not. */
const field = new RegExp(`^(?:[0-9*,/-]|${month}|${day})+$`, "i");

const rule = "must be a cron schedule of five fields, such as 0 7 * * 1-5; correct it";

/** What is wrong with a schedule, as the end of a sentence; undefined: nothing. */
export function scheduleFault(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5 || !fields.every((one) => field.test(one))) return rule;
  try {
    const isEver = cronOf({ schedule, timeZone: "UTC" }).nextRun(instant(0)) !== null;
    return isEver ? undefined : "names a day that never comes; correct it";
  } catch {
    return rule;
  }
}

/** What is wrong with a time zone, as the end of a sentence; undefined: nothing. */
export function timeZoneFault(timeZone: string): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return undefined;
  } catch {
    return "is no time zone that is known, such as Europe/Berlin; correct it";
  }
}

/** Between which two instants of its schedule a window is known to stand, so that each is looked for once. */
interface Stand {
  readonly cron: Cron;
  /** Milliseconds since the epoch; none before: -Infinity; none after: Infinity. */
  readonly last: number;
  readonly next: number;
}

const stands = new WeakMap<WarmWindow, Stand>();

/**
 * When the window that is open at `now` ends, in milliseconds since the epoch; undefined: none is open. Where windows overlap it is
 * the end of the last one that has begun. An instant that clocks skip in spring is the first one after the gap; one that they show
 * twice in autumn counts once, where the schedule names its hours and minutes.
 */
export function windowEnd(window: WarmWindow, now: number): number | undefined {
  const known = stands.get(window);
  const stand =
    known !== undefined && known.last <= now && now < known.next ? known : standAt(window, now, known?.cron);
  stands.set(window, stand);
  const end = stand.last + window.duration;
  return now < end ? end : undefined;
}

function standAt(window: WarmWindow, now: number, cron = cronOf(window)): Stand {
  // The library looks for instants before, so that the one that is now is found a second later: none has a part of a second.
  const [last] = cron.previousRuns(1, instant(now + 1000));
  const next = cron.nextRun(instant(now));
  return { cron, last: last?.getTime() ?? Number.NEGATIVE_INFINITY, next: next?.getTime() ?? Number.POSITIVE_INFINITY };
}

/** Swedish writes dates and times as ISO 8601 does. */
const utc = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC", dateStyle: "short", timeStyle: "medium" });

/** An instant in whole seconds, as the library reads it. */
function instant(at: number): string {
  return `${utc.format(at).replace(" ", "T")}Z`;
}

/** Nothing is started by it: it has nothing to call. */
function cronOf({ schedule, timeZone }: Pick<WarmWindow, "schedule" | "timeZone">): Cron {
  return new Cron(schedule.trim(), { timezone: timeZone, mode: "5-part", fixedTimeRule: "no-wildcard" });
}
