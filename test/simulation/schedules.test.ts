import { buckets } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { liveByOneCount } from "./original.ts";
import { type Counted, type DaysEnd, liveCounted as live, type Schedule } from "./schedule.ts";
import { type ServiceName, serviceNames } from "./site.ts";
import { unrest } from "./unrest.ts";

type Days = Omit<Schedule, "seed">;

const disjoint: Days = {
  builds: 40,
  wishes: ["python", "java", "go && linux"],
  templates: [
    { name: "python", labels: ["python"] },
    { name: "java", labels: ["java"] },
    { name: "go", labels: ["go", "linux"] },
  ],
  takesMs: [50, 8_000],
  assignment: "shuffled",
};
const overlapping: Days = {
  ...disjoint,
  wishes: ["a", "b", "a || b", "b || c", "a && b"],
  templates: [
    { name: "t1", labels: ["a"] },
    { name: "t2", labels: ["a", "b"] },
    { name: "t3", labels: ["c"] },
  ],
};
const unruly = { lost: 0.1, doubled: 0.2, delayed: 0.1 };
const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** A day's end, and how many slaves ran builds that no answer of the master showed: those count as having run none. */
type Day = Pick<DaysEnd, "isOver"> & Partial<DaysEnd & { readonly counted: Counted; readonly unseen: number }>;

/** What holds on every day, whatever happens. */
function faultsOf(day: Day): string[] {
  const { launched = 0, served = 0, failed = 0, withdrawn = 0, alive = 0, built = 0, shared = 0, unseen = 0 } = day;
  const faults: string[] = [];
  if (!day.isOver) faults.push("it did not end: a build never ran, or something was left");
  if (launched !== served + failed + withdrawn + alive) faults.push("a launch is in no class, or in two");
  const known = built - shared - unseen;
  if (served !== known) faults.push(`${served} slaves served, but ${known} ran a build that somebody can know of`);
  if (day.killed) faults.push(`${day.killed} builds were killed`);
  if (day.doubled) faults.push(`${day.doubled} slaves had two pods`);
  if (day.counted?.doubled) faults.push(`${day.counted.doubled} launches were counted as duplicates`);
  return faults;
}

/** Beyond that, where no labels overlap, nothing fails and nobody cancels. */
function exactFaultsOf(day: DaysEnd & { readonly unseen: number }): string[] {
  const { launched, withdrawn, built, shared, unseen } = day;
  const faults = faultsOf(day);
  // A build that shared a slave leaves the one over that was launched for it, if it was launched already.
  if (launched - withdrawn !== built - shared - unseen)
    faults.push(`${launched} launches, ${withdrawn} of them for nothing`);
  if (withdrawn > shared + unseen)
    faults.push(`${withdrawn} launches for nothing, though ${shared} builds shared a slave`);
  return faults;
}

/** Kills one service after the other, each at a random time, and starts it again a little later. */
function killing(...names: readonly ServiceName[]): NonNullable<Schedule["disturb"]> {
  return (site) => {
    for (const name of names)
      site.time.in(site.time.between(1_000, 40_000), () => {
        site.kill(name);
        site.time.in(site.time.between(0, 5_000), () => void site.start(name));
      });
    return undefined;
  };
}

describe("launches are builds, less those that shared a slave, where no labels overlap (I7)", () => {
  test.each<[string, Partial<Days>, number]>([
    ["builds from 50 ms on, handed out in any order", {}, 20],
    ["rounds and news late, lost, doubled and out of order", { messages: unruly }, 10],
    ["each hand-over takes a moment", { handOffMs: 40, nodeLockMs: 30 }, 5],
    ["nodes by the Swarm plugin", { attach: "swarm", handOffMs: 40, nodeLockMs: 30 }, 10],
    [
      "nodes by the Swarm plugin, one service after the other killed, news unruly",
      { attach: "swarm", disturb: killing(...serviceNames), messages: unruly },
      10,
    ],
    ["one service after the other killed and started again", { disturb: killing(...serviceNames) }, 15],
    [
      "the supervisor killed three times, news unruly",
      { disturb: killing(...Array.from({ length: 3 }, () => "slave-supervisor" as const)), messages: unruly },
      10,
    ],
    [
      "three supervisors, which die, stand still, end and come, news unruly",
      { disturb: unrest(["slave-supervisor"], 3), messages: unruly },
      20,
    ],
  ])("%s", async (_, changed, count) => {
    let unseen = 0;
    for (const seed of seeds(count)) {
      const day = await live({ ...disjoint, ...changed, seed });
      expect({ seed, faults: exactFaultsOf(day), built: day.built }).toEqual({ seed, faults: [], built: 40 });
      unseen += day.unseen;
    }
    // Builds of 50 ms may come and go between two answers; that is rare enough to show nothing else.
    expect(unseen).toBeLessThanOrEqual(count / 5);
  });

  test("what the services count themselves is what came of the launches", async () => {
    let seen = 0;
    for (const seed of seeds(10)) {
      const { counted, launched, served, failed, withdrawn, shared } = await live({
        ...overlapping,
        failing: 0.3,
        seed,
      });
      const { shared: seenShared, ...others } = counted;
      expect({ seed, others }).toEqual({ seed, others: { launched, served, failed, withdrawn, doubled: 0 } });
      // A build that came and went beside another one need not have been seen; none is seen twice.
      expect(seenShared).toBeLessThanOrEqual(shared);
      seen += seenShared;
    }
    expect(seen).toBeGreaterThan(0);
  });

  test("two processes of each service, which die, stand still, end and come: no launch too many, none too few", async () => {
    for (const seed of seeds(20)) {
      const day = await live({ ...disjoint, disturb: unrest(serviceNames), messages: unruly, seed });
      const { isOver, killed, doubled, built, launched, shared, served, failed, withdrawn, alive } = day;
      expect({ seed, isOver, killed, doubled, built }).toEqual({
        seed,
        isOver: true,
        killed: 0,
        doubled: 0,
        built: 40,
      });
      // A build that came and went while everybody was blind is in no news: then its slave left as one for nothing.
      expect({ seed, launched }).toEqual({ seed, launched: served + failed + withdrawn + alive });
      expect(launched).toBeGreaterThanOrEqual(built - shared);
      expect(launched).toBeLessThanOrEqual(built);
    }
  });

  test("builds of half a second and more share no slave: as many launches as builds, exactly (H30)", async () => {
    for (const seed of seeds(10)) {
      const { launched, shared } = await live({ ...disjoint, seed, takesMs: [500, 8_000] });
      expect({ seed, launched, shared }).toEqual({ seed, launched: 40, shared: 0 });
    }
  });

  test("no cap of master or template is passed at any instant, though the supervisor is killed in between (I10)", async () => {
    for (const seed of seeds(10)) {
      const most = new Map<string, number>();
      const note = (of: string, count: number): void => void most.set(of, Math.max(most.get(of) ?? 0, count));
      const killed = killing("slave-supervisor", "slave-supervisor");
      const day = await live({
        ...disjoint,
        seed,
        maxSlaves: 6,
        templates: disjoint.templates.map((template) => ({ ...template, maxSlaves: 3 })),
        disturb: (site) => {
          site.cluster.onPod(() => {
            // One whose record is final is gone, though its number leaves the ledger a moment later.
            const gone = new Set(site.records.flatMap(({ state, number }) => (state === "deleted" ? [number] : [])));
            const named = site.nats.values(buckets.ledger).flatMap((ledger) => ledger.live);
            const living = named.filter(({ number }) => !gone.has(number));
            note("master", living.length);
            note("pods", site.cluster.pods.size);
            for (const { template } of living) note(template, living.filter((one) => one.template === template).length);
          });
          return killed(site);
        },
      });
      expect({ seed, faults: exactFaultsOf(day), built: day.built }).toEqual({ seed, faults: [], built: 40 });
      const ofTemplates = Math.max(...["python", "java", "go"].map((name) => most.get(name) ?? 0));
      // They are reached, and never passed.
      expect({ seed, master: most.get("master"), pods: most.get("pods"), ofTemplates }).toEqual({
        seed,
        master: 6,
        pods: 6,
        ofTemplates: 3,
      });
    }
  });

  test("the control: the original's rule fails the same check", async () => {
    const wrong: number[] = [];
    for (const seed of seeds(10)) {
      const { launched, built, isOver } = await liveByOneCount({ ...disjoint, seed });
      if (!isOver || launched !== built) wrong.push(seed);
    }
    expect(wrong.length).toBeGreaterThan(5);
  });
});

describe("each launch served, failed, was withdrawn or lives, whatever happens (I8)", () => {
  test.each<[string, Partial<Days>, number]>([
    ["a third of the slaves fail, a fifth of the items are cancelled, labels overlap", {}, 20],
    ["and all news is unruly", { messages: unruly }, 10],
    ["and every service is killed once", { disturb: killing(...serviceNames), messages: unruly }, 10],
  ])("%s", async (_, changed, count) => {
    for (const seed of seeds(count)) {
      const day = await live({ ...overlapping, failing: 0.3, cancelled: 0.2, ...changed, seed });
      expect({ seed, faults: faultsOf(day) }).toEqual({ seed, faults: [] });
    }
  });
});
