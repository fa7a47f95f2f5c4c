import { describe, expect, test } from "vitest";
import { templateEntrySchema } from "../entry.ts";
import { settingsOf } from "../specimen.ts";
import { template } from "../template.fixture.ts";
import { windowEnd } from "./schedule.ts";
import { warmTarget } from "./target.ts";

const at = (text: string): number => Date.parse(text);
const rulesOf = (warm: readonly object[]) => template({ labels: ["maven"], warm }).warm ?? [];
const day = { minIdle: 6, schedule: "0 7 * * 1-5", duration: "11h", timeZone: "Europe/Berlin" };
const want = (warm: readonly object[], now: string, busy = 0) => {
  const target = warmTarget(rulesOf(warm), at(now), busy);
  return target === undefined ? [0, ""] : [target.idle, target.because];
};

describe("how many are to be idle", () => {
  // 2026-11-30 is a Monday, and Berlin is an hour ahead of UTC.
  const until = "warm: 0 7 * * 1-5, until 18:00 Europe/Berlin";
  const always = { minIdle: 1 };
  test.each<[string, readonly object[], string, number, [number, string]]>([
    ["none where there is no rule", [], "2026-11-30T08:00Z", 9, [0, ""]],
    ["a rule without a window holds always", [always], "2026-11-29T03:00Z", 0, [1, "warm"]],
    ["before the window", [day], "2026-11-30T05:59:59.999Z", 0, [0, ""]],
    ["from its first instant on", [day], "2026-11-30T06:00:00Z", 0, [6, until]],
    ["up to its last", [day], "2026-11-30T16:59:59.999Z", 0, [6, until]],
    ["not at its end", [day], "2026-11-30T17:00:00Z", 0, [0, ""]],
    ["not on a Sunday", [day], "2026-11-29T08:00Z", 0, [0, ""]],
    ["the highest that holds wins", [always, day], "2026-11-30T08:00Z", 0, [6, until]],
    ["also where it stands first", [day, always], "2026-11-30T08:00Z", 0, [6, until]],
    ["outside of its window the other one", [always, day], "2026-11-30T20:00Z", 0, [1, "warm"]],
    ["a rule of none wants none", [{ minIdle: 0 }], "2026-11-30T20:00Z", 5, [0, ""]],
    [
      "a part of the busy ones, rounded up",
      [{ share: 0.2 }],
      "2026-11-30T20:00Z",
      11,
      [3, "warm: 20 % of its busy slaves"],
    ],
    ["and none where none is busy", [{ share: 0.2 }], "2026-11-30T20:00Z", 0, [0, ""]],
    [
      "exactly, whatever floats make of it",
      [{ share: 0.07 }],
      "2026-11-30T20:00Z",
      100,
      [7, "warm: 7 % of its busy slaves"],
    ],
    ["the greater of the two: the number", [{ minIdle: 3, share: 0.2 }], "2026-11-30T20:00Z", 15, [3, "warm"]],
    [
      "the greater of the two: the part",
      [{ minIdle: 3, share: 0.2 }],
      "2026-11-30T20:00Z",
      16,
      [4, "warm: 20 % of its busy slaves"],
    ],
    [
      "a part in a window",
      [{ ...day, share: 0.5 }],
      "2026-11-30T08:00Z",
      20,
      [10, "warm: 50 % of its busy slaves, 0 7 * * 1-5, until 18:00 Europe/Berlin"],
    ],
    [
      "a window over midnight, which ends on another day",
      [{ minIdle: 2, schedule: "0 22 * * *", duration: "8h" }],
      "2026-11-30T23:00Z",
      0,
      [2, "warm: 0 22 * * *, until 2026-12-01 06:00 UTC"],
    ],
    [
      "windows that overlap are one, until the last one's end",
      [{ minIdle: 2, schedule: "0 * * * *", duration: "90m" }],
      "2026-11-30T10:45Z",
      0,
      [2, "warm: 0 * * * *, until 11:30 UTC"],
    ],
  ])("%s", (_, warm, now, busy, expected) => {
    expect(want(warm, now, busy)).toEqual(expected);
  });

  test("what is asked of it in whatever order is the same", () => {
    const rules = rulesOf([day]);
    const hours = [...Array(96).keys()].map((hour) => at("2026-11-28T00:00Z") + hour * 3_600_000);
    const ahead = hours.map((now) => warmTarget(rules, now, 0)?.idle ?? 0);
    const back = hours.toReversed().map((now) => warmTarget(rules, now, 0)?.idle ?? 0);
    expect(back.toReversed()).toEqual(ahead);
    expect(ahead.filter((idle) => idle === 6)).toHaveLength(22);
  });
});

describe("clocks that are set", () => {
  const window = (schedule: string, duration = 3_600_000) => ({ schedule, duration, timeZone: "Europe/Berlin" });
  const isOpen = (of: ReturnType<typeof window>, now: string) => windowEnd(of, at(now)) !== undefined;

  test("seven o'clock is seven o'clock before and after", () => {
    const daily = window("0 7 * * *");
    expect(
      ["2026-03-28T06:00Z", "2026-03-29T05:00Z", "2026-10-24T05:00Z", "2026-10-25T06:00Z"].map((now) =>
        isOpen(daily, now),
      ),
    ).toEqual(Array(4).fill(true));
    expect(
      ["2026-03-28T05:59Z", "2026-03-29T04:59Z", "2026-10-24T04:59Z", "2026-10-25T05:59Z"].map((now) =>
        isOpen(daily, now),
      ),
    ).toEqual(Array(4).fill(false));
  });

  test("a time that is skipped in spring begins right after the gap", () => {
    const skipped = window("30 2 * * *");
    expect(isOpen(skipped, "2026-03-29T00:59:59Z")).toBe(false);
    expect(windowEnd(skipped, at("2026-03-29T01:00:00Z"))).toBe(at("2026-03-29T02:00:00Z"));
  });

  test("a time that comes twice in autumn begins once", () => {
    const twice = window("30 2 * * *", 1_800_000);
    expect(isOpen(twice, "2026-10-25T00:30:00Z")).toBe(true);
    expect(isOpen(twice, "2026-10-25T01:30:00Z")).toBe(false);
  });

  test("a window lasts as long as it says, also over the change", () => {
    const night = window("0 22 * * *", 11 * 3_600_000);
    expect(windowEnd(night, at("2026-03-28T23:00Z"))).toBe(at("2026-03-29T08:00Z"));
    expect(windowEnd(night, at("2026-10-24T23:00Z"))).toBe(at("2026-10-25T07:00Z"));
  });
});

describe("an entry", () => {
  const faults = (warm: unknown) => {
    const read = templateEntrySchema.safeParse({ name: "maven", warm });
    return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
  };

  test.each<[unknown, string]>([
    [3, "warm must be a list, such as [{minIdle: 1}]; correct it"],
    [[{}], "warm.0.minIdle must be given, or share; say how many slaves are kept idle"],
    [[{ share: 0 }], "warm.0.share must be more than 0; correct it, or remove it"],
    [
      [{ minIdle: 1, schedule: "0 7 * * *" }],
      "warm.0.duration must be given with schedule; say for how long, such as 11h",
    ],
    [
      [{ minIdle: 1, duration: "1h" }],
      "warm.0.schedule must be given with duration; say when it begins, such as 0 7 * * 1-5",
    ],
    [[{ minIdle: 1, timeZone: "UTC" }], "warm.0.timeZone is of no use without schedule; remove it"],
    [
      [{ ...day, timeZone: "Mars" }],
      "warm.0.timeZone is no time zone that is known, such as Europe/Berlin; correct it",
    ],
    ...["0 7 * *", "0 0 7 * * *", "@daily", "61 7 * * *", "0 7 L * *", "0 7 * * 5#2", "? 7 * * *", "x"].map(
      (schedule): [unknown, string] => [
        [{ ...day, schedule }],
        "warm.0.schedule must be a cron schedule of five fields, such as 0 7 * * 1-5; correct it",
      ],
    ),
    [[{ ...day, schedule: "0 7 30 2 *" }], "warm.0.schedule names a day that never comes; correct it"],
  ])("%j is told", (warm, sentence) => {
    expect(faults(warm)).toEqual([sentence]);
  });

  test("takes what every cron knows", () => {
    for (const schedule of ["*/10 6-18 * * MON-FRI", "0,30 7 1-7 jan,dec *", "0 0 * * 7", "0 0 29 2 *"])
      expect(faults([{ ...day, schedule }])).toEqual([]);
  });

  test("is shown in the configuration's own words; what is not there is not shown", () => {
    expect(
      settingsOf(template({ labels: ["a"], warm: [{ minIdle: 1 }, { ...day, refillDelay: "30s" }] })).warm,
    ).toEqual([
      { minIdle: 1, refillDelay: "0s" },
      { ...day, refillDelay: "30s" },
    ]);
    expect(settingsOf(template({ labels: ["a"], warm: [] }))).not.toHaveProperty("warm");
  });
});
