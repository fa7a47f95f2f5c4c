import { duration } from "@kubestack/contracts";
import { z } from "zod";
import { scheduleFault, timeZoneFault } from "./schedule.ts";

/** A window in which a rule holds: from each instant of the schedule on, so long. */
export interface WarmWindow {
  /** Five fields, as cron has them. */
  readonly schedule: string;
  /** In milliseconds; of time that passes, whatever clocks are set to meanwhile. */
  readonly duration: number;
  /** An IANA name, by whose clocks the schedule is. */
  readonly timeZone: string;
}

/** So many slaves are to be idle, always or in a window. */
export interface WarmRule {
  readonly minIdle: number;
  /** At least this part of the template's busy slaves, rounded up. Absent: none. */
  readonly share?: number | undefined;
  /** Absent: always. */
  readonly window?: WarmWindow | undefined;
  /** So long one is missing before another one is launched in its place, in milliseconds. */
  readonly refillDelay: number;
}

const schedule = z.string({ error: "must be a cron schedule of five fields, such as 0 7 * * 1-5; correct it" });
const timeZone = z.string({ error: "must be a time zone, such as Europe/Berlin; correct it" });

const rule = z
  .strictObject({
    minIdle: z.number().int().min(0).max(10_000).optional(),
    share: z.number().gt(0, "must be more than 0; correct it, or remove it").max(10).optional(),
    schedule: schedule.max(200).optional(),
    duration: duration({ min: "1m", max: "31d" }).optional(),
    timeZone: timeZone.max(100).optional(),
    refillDelay: duration({ min: "0s", max: "24h" }).optional(),
  })
  .superRefine((said, context) => {
    const fault = (key: string, message: string): void => context.addIssue({ code: "custom", path: [key], message });
    const { minIdle, share, schedule: times, duration: lasts, timeZone: zone } = said;
    if (minIdle === undefined && share === undefined)
      fault("minIdle", "must be given, or share; say how many slaves are kept idle");
    if (times !== undefined && lasts === undefined)
      fault("duration", "must be given with schedule; say for how long, such as 11h");
    if (times === undefined && lasts !== undefined)
      fault("schedule", "must be given with duration; say when it begins, such as 0 7 * * 1-5");
    if (times === undefined && zone !== undefined) fault("timeZone", "is of no use without schedule; remove it");
    const wrongZone = zone === undefined ? undefined : timeZoneFault(zone);
    if (wrongZone !== undefined) fault("timeZone", wrongZone);
    const wrongTimes = times === undefined ? undefined : scheduleFault(times);
    if (wrongTimes !== undefined) fault("schedule", wrongTimes);
  });

/** `warm:` of a template. */
export const warmSchema = z
  .array(rule, { error: "must be a list, such as [{minIdle: 1}]; correct it" })
  .max(20, "has more than 20 entries; remove some");

/** The rules that an entry's `warm:` means. */
export function warmRulesOf(said: z.output<typeof warmSchema>): WarmRule[] {
  return said.map(
    ({ minIdle = 0, share, schedule: times, duration: lasts, timeZone: zone = "UTC", refillDelay = 0 }) => ({
      minIdle,
      refillDelay,
      ...(share === undefined ? {} : { share }),
      ...(times === undefined || lasts === undefined
        ? {}
        : { window: { schedule: times, duration: lasts, timeZone: zone } }),
    }),
  );
}
