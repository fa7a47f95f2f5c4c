import { expect, test } from "vitest";
import { showInstants, utcInstant, utcMinute, utcSecond } from "./instant.ts";

const noon = Date.UTC(2026, 2, 4, 12, 0, 7, 120);

test("an instant is told in UTC, as exactly as it matters", () => {
  expect([utcInstant(noon), utcSecond(noon), utcMinute(noon)]).toEqual([
    "2026-03-04T12:00:07.120Z",
    "2026-03-04T12:00:07Z",
    "2026-03-04T12:00Z",
  ]);
});

test.each([null, Number.NaN, Number.POSITIVE_INFINITY, 1e18, -1e18])("%s is no instant, and raises nothing", (at) => {
  expect(utcInstant(at)).toBeNull();
  expect(utcSecond(at ?? Number.NaN)).toBe("a time that is no time");
});

test("a year that nobody writes is no time of a sentence", () => {
  expect(utcMinute(8.64e15)).toBe("a time that is no time");
});

test("each instant of a sentence is shown as its reader wants it, and nothing else is touched", () => {
  const shown = showInstants(
    "down since 2026-03-04T12:00Z, up at 2026-03-04T12:00:07Z; held until 2026-03-04 14:00:07 UTC, 2026-13-99T99:99Z",
    (at, to) => `<${at - noon} to the ${to}>`,
  );
  expect(shown).toBe(
    "down since <-7120 to the minute>, up at <-120 to the second>; held until 2026-03-04 14:00:07 UTC, 2026-13-99T99:99Z",
  );
});
