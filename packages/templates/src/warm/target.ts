import type { WarmRule } from "./entry.ts";
import { windowEnd } from "./schedule.ts";

/** How many slaves of a template are to be idle now. */
export interface WarmTarget {
  readonly idle: number;
  /** Which rule says so, such as `warm: 0 7 * * 1-5, until 18:00 Europe/Berlin`: nothing in it changes with each slave. */
  readonly because: string;
  /** What the rule says however many work. When this rises nobody was taken away: then no refill is waited for. */
  readonly floor: number;
  /** In milliseconds. */
  readonly refillDelay: number;
}

/**
 * What a template's rules want at `now`, while so many of its slaves are busy: of those that hold now the one that wants most, and of
 * equals the one that stands first. Undefined where none wants any. Pure.
 */
export function warmTarget(rules: readonly WarmRule[], now: number, busy: number): WarmTarget | undefined {
  let most: WarmTarget | undefined;
  for (const rule of rules) {
    const target = targetOf(rule, now, busy);
    if (target !== undefined && target.idle > (most?.idle ?? 0)) most = target;
  }
  return most;
}

function targetOf(rule: WarmRule, now: number, busy: number): WarmTarget | undefined {
  const { minIdle, share = 0, window, refillDelay } = rule;
  const end = window === undefined ? undefined : windowEnd(window, now);
  if (window !== undefined && end === undefined) return undefined;
  // A share such as 0.07 of 100 is 7, though the product is a little more.
  const part = Math.ceil(share * busy - 1e-9);
  const conditions = [
    ...(part > minIdle ? [`${Number((share * 100).toFixed(2))} % of its busy slaves`] : []),
    ...(window === undefined || end === undefined
      ? []
      : [`${window.schedule}, until ${clockTime(end, now, window.timeZone)}`]),
  ];
  return {
    idle: Math.max(minIdle, part),
    because: conditions.length === 0 ? "warm" : `warm: ${conditions.join(", ")}`,
    floor: minIdle,
    refillDelay,
  };
}

/** `18:00 Europe/Berlin`, with the date where that is another day than now's. */
function clockTime(at: number, now: number, timeZone: string): string {
  const [date, time] = local(at, timeZone);
  return `${date === local(now, timeZone)[0] ? "" : `${date} `}${time} ${timeZone}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function local(at: number, timeZone: string): readonly [date: string, time: string] {
  // Swedish writes dates and times as ISO 8601 does.
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  formats.set(timeZone, format);
  const [date = "", time = ""] = format.format(at).split(" ");
  return [date, time];
}
