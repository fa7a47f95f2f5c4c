import { showInstants } from "@kubestack/contracts";

/** The time of day where this terminal stands, `09:14:03.120`; with the day in front where it is not that of `now`. */
export function printTime(at: number, now: number): string {
  const { time, seconds } = partsOf(at);
  return `${dayUnlessToday(at, now)}${time}:${seconds}`;
}

/** The same without milliseconds, `09:14:03`. */
export function printSecond(at: number, now: number): string {
  return printTime(at, now).slice(0, -".000".length);
}

/** The same without seconds, `09:14`. */
export function printMinute(at: number, now: number): string {
  return `${dayUnlessToday(at, now)}${partsOf(at).time}`;
}

/** A sentence that came from elsewhere, with its instants as the time of day where this terminal stands. */
export function localTimes(sentence: string, now: number): string {
  return showInstants(sentence, (at, to) => (to === "minute" ? printMinute(at, now) : printSecond(at, now)));
}

function partsOf(at: number): { time: string; seconds: string } {
  const then = new Date(at);
  return {
    time: `${two(then.getHours())}:${two(then.getMinutes())}`,
    seconds: `${two(then.getSeconds())}.${String(then.getMilliseconds()).padStart(3, "0")}`,
  };
}

function dayUnlessToday(at: number, now: number): string {
  const then = new Date(at);
  if (then.toDateString() === new Date(now).toDateString()) return "";
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} `;
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}
