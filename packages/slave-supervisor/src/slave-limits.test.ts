import { expect, test } from "vitest";
import { lifeLimitsOf } from "./slave-limits.ts";
import { template } from "./slave-record.fixture.ts";

test("a slave's limits are its template's, and the usual ones where that is gone", () => {
  const timeouts = { schedule: "1m", pull: "2m", start: "3m", connect: "4m" };
  const limits = (of: ReturnType<typeof template> | undefined) => lifeLimitsOf(of, { keepsNodes: true });
  expect(limits(template({ timeouts, idleTimeout: "5m", maxAge: "6m", builds: 7 }))).toEqual({
    scheduleMs: 60_000,
    pullMs: 120_000,
    startMs: 180_000,
    connectMs: 240_000,
    idleMs: 300_000,
    maxAgeMs: 360_000,
    builds: 7,
  });
  const retaining = template({ timeouts: { build: "2h" }, retain: "onFailure", retainFor: "7m" });
  expect(limits(retaining)).toMatchObject({
    buildMs: 7_200_000,
    retain: { when: "onFailure", forMs: 420_000 },
  });
  expect(limits(undefined)).toEqual({
    scheduleMs: 600_000,
    pullMs: 600_000,
    startMs: 300_000,
    connectMs: 120_000,
    idleMs: 300_000,
    maxAgeMs: 28_800_000,
    builds: 1,
  });
});

test("another pod follows a lost one only where the master keeps a node without its agent", () => {
  const following = template({ relaunch: 2 });
  expect(lifeLimitsOf(following, { keepsNodes: true }).relaunch).toBe(2);
  expect(lifeLimitsOf(following, { keepsNodes: false })).not.toHaveProperty("relaunch");
});
