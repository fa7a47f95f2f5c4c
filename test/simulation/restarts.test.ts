import { describe, expect, test } from "vitest";
import { liveThroughRestarts, type RestartedDay, type RestartedDaysEnd } from "./restarted-day.ts";

type Days = Omit<RestartedDay, "seed">;

/** What holds on every day, however often the master is started anew. */
function faultsOf(day: RestartedDaysEnd): string[] {
  const { launched, served, failed, withdrawn, alive, built, shared, unseen, killedBy } = day;
  const faults: string[] = [];
  if (!day.isOver) faults.push("it did not end: a build never ran, or something was left");
  if (launched !== served + failed + withdrawn + alive) faults.push("a launch is in no class, or in two");
  // The master is away, or just back, and agents work before it is read: what no answer of it showed is known to nobody.
  if (served + unseen !== built - shared)
    faults.push(`${served} slaves served, and ${unseen} unseen by all, but ${built - shared} ran a build`);
  if (failed > 0) faults.push(`${failed} launches failed`);
  if (day.doubled > 0) faults.push(`${day.doubled} slaves had two pods`);
  for (const [by, count] of Object.entries(killedBy))
    if (by !== "configuration-reload" && count > 0) faults.push(`${count} builds were cut off: ${by}`);
  return faults;
}

async function liveAll(days: Days, count: number): Promise<RestartedDaysEnd[]> {
  const ends: RestartedDaysEnd[] = [];
  for (let seed = 1; seed <= count; seed += 1) ends.push(await liveThroughRestarts({ ...days, seed }));
  return ends;
}

const sum = (ends: readonly RestartedDaysEnd[], of: "wentOn" | "diedWithMaster") =>
  ends.reduce((total, end) => total + end[of], 0);

describe("the master is started anew in the middle of a burst: pipelines go on, and nothing is left (H25)", () => {
  test.each<[string, Days, number]>([
    ["twice", { restarts: 2 }, 25],
    ["twice, by a master that gives nodes one minute to come back", { restarts: 2, nodeTimeoutMs: 60_000 }, 5],
    ["five times, builds handed out in any order", { restarts: 5, assignment: "shuffled" }, 10],
    ["while the supervisor is away, too", { restarts: 3, killsSupervisor: true, handOffMs: 40 }, 15],
    ["and its pipelines are long in loading", { restarts: 3, killsSupervisor: true, loadsLate: true }, 15],
    ["while a full cap keeps others waiting", { builds: 16, restarts: 2, loadsLate: true, maxSlaves: 4 }, 10],
    ["and all its nodes would be dropped, were they not to be kept", { restarts: 2, reloads: 2 }, 10],
  ])("%s", async (_, days, count) => {
    const ends = await liveAll(days, count);
    expect(ends.map((end) => ({ faults: faultsOf(end), spoiled: end.spoiled }))).toEqual(
      ends.map(() => ({ faults: [], spoiled: [] })),
    );
    // The days are real ones: blocks went on, and freestyle builds died with their master, as they do.
    expect(sum(ends, "wentOn")).toBeGreaterThan(count);
    expect(sum(ends, "diedWithMaster")).toBeGreaterThan(0);
  });

  test("the control: where no slave can be put back online, pipelines are lost", async () => {
    const ends = await liveAll({ restarts: 2, keepsMarks: true }, 3);
    expect(ends.flatMap(({ spoiled }) => spoiled).length).toBeGreaterThan(3);
    expect(ends.map(({ isOver }) => isOver)).toEqual([true, true, true]);
  });

  test("after a crash that loses the queue, too, nothing is left and each launch is accounted for", async () => {
    for (const end of await liveAll({ restarts: 2, crashes: true }, 5)) {
      // What waited for its node was lost with the queue, by nobody's fault but the crash's.
      const killedBy = { ...end.killedBy, "node-missing": 0 };
      expect(faultsOf({ ...end, killedBy })).toEqual([]);
    }
  });
});

describe("configuration as code drops every node of ours", () => {
  test("what it kills is all that is lost: the rest is served, nothing is launched twice and nothing is left", async () => {
    const ends = await liveAll({ restarts: 0, reloads: 3, knowsKeepProperty: false }, 10);
    expect(ends.map(faultsOf)).toEqual(ends.map(() => []));
    expect(ends.some(({ killedBy }) => (killedBy["configuration-reload"] ?? 0) > 0)).toBe(true);
  });

  test.each<[string, Days]>([
    ["at its master's start", { restarts: 2 }],
    ["at each of its many starts, and its pipelines are long in loading", { restarts: 4, loadsLate: true }],
  ])("%s: nodes are made anew, and what was to go on there goes on", async (_, days) => {
    const ends = await liveAll({ ...days, dropsAtStart: true, knowsKeepProperty: false }, 10);
    expect(ends.map((end) => ({ faults: faultsOf(end), spoiled: end.spoiled }))).toEqual(
      ends.map(() => ({ faults: [], spoiled: [] })),
    );
    expect(sum(ends, "wentOn")).toBeGreaterThan(10);
  });
});
