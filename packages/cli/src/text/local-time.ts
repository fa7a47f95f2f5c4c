/** The time of day where this terminal stands, `09:14:03.120`; with the day in front where it is not that of `now`. */
export function printTime(at: number, now: number): string {
  const then = new Date(at);
  const two = (count: number): string => String(count).padStart(2, "0");
  const time = `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}.${String(then.getMilliseconds()).padStart(3, "0")}`;
  const isToday = then.toDateString() === new Date(now).toDateString();
  return isToday ? time : `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}
