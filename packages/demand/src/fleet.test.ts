import { describe, expect, test, vi } from "vitest";
import { template } from "./demand.fixture.ts";
import { type Day, Fleet, type Outcome } from "./fleet.fixture.ts";

// Many random cases, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 120_000 });

const disjoint = {
  builds: 120,
  wishes: ["python", "java", "go && linux"],
  templates: [template("python"), template("java"), template("go", { labels: ["go", "linux"] })],
};
const overlapping = {
  builds: 120,
  wishes: ["a", "b", "a || b", "b || c", "a && b"],
  templates: [
    template("t1", { labels: ["a"] }),
    template("t2", { labels: ["a", "b"] }),
    template("t3", { labels: ["c"] }),
  ],
};
const overrides = { cpu: { min: "10m", max: "8" }, memory: { min: "16Mi", max: "32Gi" } };
const sized = {
  builds: 120,
  wishes: ["python && cpu=4", "python && cpu=8", "java && (cpu=2 || cpu=4)", "java && memory=8Gi"],
  templates: [template("python", { overrides }), template("java", { overrides })],
};
const sizedToo = { ...sized, wishes: ["python", "python && cpu=4", "python && cpu=4 && memory=8Gi", "java && !cpu=2"] };
const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);
const days = (of: Omit<Day, "seed">): Outcome[] => seeds.map((seed) => new Fleet({ ...of, seed }).run());

/** Launches beyond builds and failures. */
const extra = ({ launched, built, failed }: Outcome) => launched - built - failed;

/** What is wrong with a day on which no labels overlap and nothing is cancelled: nothing may be. */
function faultsOf(day: Outcome): string[] {
  const faults: string[] = [];
  if (extra(day) !== 0) faults.push(`${extra(day)} launches too many`);
  if (day.unserved > 0) faults.push(`${day.unserved} builds never ran`);
  if (day.longestWaitMs > 60_000) faults.push(`a build waited ${day.longestWaitMs} ms`);
  return faults;
}

function isCounted({ launched, served, failed, withdrawn, alive }: Outcome): boolean {
  return launched === served + failed + withdrawn + alive;
}

describe("launches are builds, exactly, where labels do not overlap (I7)", () => {
  test.each<[string, Partial<Day>]>([
    ["however the master shuffles and rounds are late, repeated or out of order", {}],
    ["with a third of the launches failing", { failing: 0.3 }],
    ["with owners that change", { takeovers: 8 }],
    ["with all of it", { failing: 0.2, takeovers: 8 }],
  ])("%s", (_, of) => {
    for (const day of days({ ...disjoint, ...of })) {
      expect(isCounted(day)).toBe(true);
      expect([faultsOf(day), day.built, day.alive]).toEqual([[], disjoint.builds, 0]);
    }
  });

  test.each<[string, Partial<Day>]>([
    ["all is well", {}],
    ["launches fail and owners change", { failing: 0.2, takeovers: 8 }],
  ])("also where builds ask for sizes by label, and %s", (_, of) => {
    for (const day of days({ ...sized, ...of }))
      expect([faultsOf(day), day.built, day.alive, isCounted(day)]).toEqual([[], sized.builds, 0, true]);
  });

  test("the control: one global count fails the same check", () => {
    const faults = days({ ...disjoint, globalCount: true }).map(faultsOf);
    expect(faults.filter((found) => found.length > 0).length).toBeGreaterThan(seeds.length / 2);
  });

  test("the control: noting the youngest round heard of, instead of begun, at a slave's end launches twice (H14)", () => {
    const total = days({ ...disjoint, endedAt: "heard" }).reduce((sum, day) => sum + extra(day), 0);
    expect(total).toBeGreaterThan(0);
  });
});

describe("launches are served, failed, withdrawn or alive, whatever the labels (I8)", () => {
  test.each([
    ["overlapping labels", overlapping],
    ["slaves of a size, which a build that asks for none may take", sizedToo],
  ])("%s: at most one more for each build, and every build runs (I9)", (_, of) => {
    for (const day of days(of)) {
      expect(isCounted(day)).toBe(true);
      expect([day.built, day.unserved]).toEqual([of.builds, 0]);
      expect(day.launched).toBeLessThanOrEqual(2 * of.builds);
      expect(day.served).toBe(day.built);
    }
  });

  test("cancelled items: what they leave over is withdrawn or used, and every other build runs", () => {
    for (const day of days({ ...disjoint, cancelled: 0.2, failing: 0.1 })) {
      expect(isCounted(day)).toBe(true);
      expect([day.unserved, day.alive]).toEqual([0, 0]);
      expect(day.served).toBe(day.built);
    }
  });
});
