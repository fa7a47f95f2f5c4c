import { describe, expect, test, vi } from "vitest";
import { type ChangingDaysEnd, liveThroughChanges } from "./changing-day.ts";

// Each is a day of four masters, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 300_000 });

const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** What holds whatever happens to whom. */
function faultsOf({ isOver, masters, launchedWhileHeld, holds, left, records }: ChangingDaysEnd): string[] {
  const faults: string[] = [];
  if (!isOver) faults.push("it did not end: a build never ran, or something was left");
  for (const [name, { killed, built, launched, withdrawn, served }] of Object.entries(masters)) {
    if (killed > 0) faults.push(`${name}: ${killed} builds were killed`);
    if (built !== 15) faults.push(`${name}: ${built} builds ran`);
    if (launched !== withdrawn + served) faults.push(`${name}: a launch is in no class, or failed`);
  }
  if (launchedWhileHeld > 0) faults.push(`${launchedWhileHeld} launches while the master was held`);
  if (holds !== 2) faults.push(`held ${holds} times`);
  if (left.length > 0) faults.push(`left of a master that is out of the configuration: ${left.join(", ")}`);
  if (records > 0) faults.push(`${records} records of a master that was left, a day later`);
  return faults;
}

describe("masters come, go and come back, are paused and drained amid their bursts", () => {
  test("no build is killed, nothing is launched while a master is held, nothing is left, and the others' launches are exact", async () => {
    const real = { withdrawn: 0, leavings: 0 };
    for (const seed of seeds(6)) {
      const end = await liveThroughChanges({ seed, anchors: "auto" });
      expect({ seed, faults: faultsOf(end) }).toEqual({ seed, faults: [] });
      real.withdrawn += end.masters.held?.withdrawn ?? 0;
      real.leavings += end.leavings;
      const { launched, withdrawn, built, shared } = end.masters.still ?? {};
      expect({ seed, launches: (launched ?? 0) - (withdrawn ?? 0) }).toEqual({
        seed,
        launches: (built ?? 0) - (shared ?? 0),
      });
      expect(withdrawn).toBeLessThanOrEqual(shared ?? 0);
    }
    // The days are real ones: slaves were taken away, and a master was left before it came back.
    expect(real.withdrawn).toBeGreaterThan(0);
    expect(real.leavings).toBeGreaterThan(6);
  });

  test("the same while processes of every service die, stand still, end and come", async () => {
    for (const seed of seeds(6)) {
      const end = await liveThroughChanges({ seed, anchors: "auto", isUnruly: true });
      expect({ seed, faults: faultsOf(end) }).toEqual({ seed, faults: [] });
    }
  });
});
