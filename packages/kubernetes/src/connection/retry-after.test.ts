import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.UTC(2026, 0, 1, 0, 0, 0);

test.each([
  [undefined, undefined],
  ["", undefined],
  ["soon", undefined],
  ["0", 0],
  ["1", 1_000],
  ["-5", 0],
  ["86400", 120_000],
  ["Thu, 01 Jan 2026 00:00:07 GMT", 7_000],
  ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
])("Retry-After: %s means %s ms", (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected);
});
