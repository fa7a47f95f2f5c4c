import { expect, test } from "vitest";
import { kinds, scheduledKinds } from "./kinds.ts";
import { scheduleOf } from "./schedule.ts";

const plan = {
  seed: 1,
  builds: 400,
  kinds: scheduledKinds(400),
  masters: ["alpha", "beta"],
  jobs: ["python", "java"],
  processes: ["demand-collector-1", "slave-supervisor-1", "slave-supervisor-2"],
};
const seeds = Array.from({ length: 50 }, (_, at) => at + 1);

test("a seed decides all of it, and another one decides otherwise", () => {
  expect(scheduleOf(plan)).toEqual(scheduleOf({ ...plan }));
  expect(scheduleOf({ ...plan, seed: 2 })).not.toEqual(scheduleOf(plan));
});

test.each(seeds)("with seed %i nothing is met twice at once, and the last builds come when all is well", (seed) => {
  const { builds, faults } = scheduleOf({ ...plan, seed });
  expect(builds).toHaveLength(plan.builds);
  const until = new Map<string, number>();
  for (const { target, atMs, lastsMs } of faults) {
    expect(atMs).toBeGreaterThan(until.get(target) ?? 0);
    until.set(target, atMs + lastsMs);
  }
  expect(Math.max(...until.values())).toBeLessThanOrEqual(plan.builds * 750 * 0.8);
});

test("every kind comes, each on its own sort of target, before the first comes again", () => {
  const { faults } = scheduleOf(plan);
  expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(plan.kinds));
  for (const { kind, target } of faults) {
    if (kinds[kind].target === "supervisor") expect(target).toMatch(/^slave-supervisor/);
    if (kinds[kind].target === "master") expect(plan.masters).toContain(target);
  }
});

test("what is rare comes no more often than it may, and not by itself in a short run", () => {
  const wipes = (builds: number) =>
    scheduleOf({ ...plan, builds, kinds: ["nats.wipe", "nats.kill"] }).faults.filter(
      ({ kind }) => kind === "nats.wipe",
    );
  expect([60, 400, 1_000].map((builds) => wipes(builds).length)).toEqual([1, 1, 2]);
  expect([60, 400].map((builds) => scheduledKinds(builds).includes("nats.wipe"))).toEqual([false, true]);
});

test("what takes too long for a short run is left out, and a run without kinds has no faults", () => {
  const short = scheduleOf({ ...plan, builds: 12 });
  expect(short.faults.every(({ atMs, lastsMs }) => atMs + lastsMs <= 12 * 750 * 0.8)).toBe(true);
  expect(scheduleOf({ ...plan, kinds: [] }).faults).toEqual([]);
});
