import { buckets, channels, subjects } from "@kubestack/contracts";
import { afterEach, describe, expect, test } from "vitest";
import { Sharing } from "./replicas.ts";
import { live, type Schedule } from "./schedule.ts";
import type { Site } from "./site.ts";
import type { Process } from "./virtual-time.ts";

const second = 1_000;
const minute = 60 * second;
const seeds = [1, 2, 3, 4, 5];
const sharings: Sharing[] = [];
const unable = "is cut off";

afterEach(() => {
  for (const sharing of sharings.splice(0)) sharing.end();
});

/** Twenty masters and three processes that have lived for a while; the first of them is the one that something befalls. */
async function three(seed: number) {
  const sharing = new Sharing({ seed, masters: 20 });
  sharings.push(sharing);
  const [first, next, last] = [sharing.start(), sharing.start(), sharing.start()];
  await sharing.time.run(minute);
  sharing.forget();
  return { sharing, first, next, last };
}

describe("a process that can't work", () => {
  test("gives its masters to those that can, and gets the same ones back when it can again", async () => {
    for (const seed of seeds) {
      const { sharing, first } = await three(seed);
      const had = sharing.heldBy(first);
      first.unable = unable;
      await sharing.time.run(9 * second);
      expect(sharing.moves).toBe(0);
      await sharing.time.run(6 * second);
      expect([sharing.heldBy(first), sharing.held, sharing.moves]).toEqual([[], 20, had.length]);
      await sharing.time.run(20 * minute);
      expect([sharing.heldBy(first), sharing.moves]).toEqual([[], had.length]);
      first.unable = "";
      await sharing.time.run(9 * second);
      expect(sharing.heldBy(first)).toEqual([]);
      await sharing.time.run(minute);
      expect([sharing.heldBy(first), sharing.moves]).toEqual([had, 2 * had.length]);
      expect(sharing.longestUnheldMs).toBeLessThanOrEqual(100);
      expect(sharing.breaches).toEqual([]);
    }
  });

  test("gets none when it comes, and all where it is alone", async () => {
    const { sharing } = await three(1);
    const others = [...sharing.sharers];
    const late = sharing.start(sharing.masters, unable);
    await sharing.time.run(5 * minute);
    expect([sharing.heldBy(late), sharing.moves]).toEqual([[], 0]);
    for (const { process } of others) sharing.time.kill(process);
    await sharing.time.run(10 * second);
    expect(sharing.heldBy(late)).toHaveLength(20);
  });

  test("has them at once where it starts alone", async () => {
    const sharing = new Sharing({ seed: 1, masters: 20 });
    sharings.push(sharing);
    const only = sharing.start(sharing.masters, unable);
    await sharing.time.run(second);
    expect(sharing.heldBy(only)).toHaveLength(20);
  });
});

describe("where nobody can work", () => {
  test("nothing moves, and whoever can again first has all in time", async () => {
    for (const seed of seeds) {
      const { sharing, first } = await three(seed);
      const before = sharing.sharers.map((sharer) => sharing.heldBy(sharer));
      for (const sharer of sharing.sharers) sharer.unable = unable;
      await sharing.time.run(20 * minute);
      expect(sharing.sharers.map((sharer) => sharing.heldBy(sharer))).toEqual(before);
      expect(sharing.moves).toBe(0);
      first.unable = "";
      await sharing.time.run(minute);
      expect(sharing.heldBy(first)).toHaveLength(20);
      expect(sharing.breaches).toEqual([]);
    }
  });

  test("one after the other: the last one that could keeps them", async () => {
    const { sharing, first, next, last } = await three(1);
    for (const sharer of [first, next, last]) {
      sharer.unable = unable;
      await sharing.time.run(minute);
    }
    expect(sharing.heldBy(last)).toHaveLength(20);
    sharing.forget();
    await sharing.time.run(20 * minute);
    expect(sharing.moves).toBe(0);
  });
});

test("no ping-pong: a process that can work by turns only gets masters the less often", async () => {
  const { sharing, first } = await three(1);
  for (let count = 0; count < 180; count += 1) {
    first.unable = count % 2 === 0 ? unable : "";
    await sharing.time.run(20 * second);
  }
  // A third of twenty goes away and comes back some times at first, and rests then.
  expect(sharing.moves).toBeLessThan(60);
  expect(sharing.held).toBe(20);
  expect(sharing.longestUnheldMs).toBeLessThanOrEqual(100);
  expect(sharing.breaches).toEqual([]);
});

const day: Omit<Schedule, "seed"> = {
  builds: 40,
  wishes: ["python", "java"],
  templates: [
    { name: "python", labels: ["python"] },
    { name: "java", labels: ["java"] },
  ],
  takesMs: [50, 8_000],
  assignment: "shuffled",
};

/** Cuts processes off the cluster, as if something between them and it let nothing through. */
function cutOff(site: Site, ...processes: Process[]): void {
  for (const process of processes) site.cluster.cutOff.add(process);
  site.cluster.cutWatches();
}

function holder(site: Site): Process {
  const found = site.holder("slave-supervisor");
  if (found === undefined) throw new RangeError("Nobody has the master.");
  return found;
}

describe("a supervisor that does not reach the cluster any more", () => {
  test("is replaced by one that does within a minute: builds run, none is killed, and nothing is left", async () => {
    for (const seed of seeds) {
      let [movedAfter, isOthers, told] = [Number.POSITIVE_INFINITY, false, ""];
      const disturb = (site: Site): (() => boolean) => {
        const { time, jenkins } = site;
        void time.apart(() => site.startAnother("slave-supervisor"));
        let cut: Process | undefined;
        time.in(25 * second, () => {
          cut = holder(site);
          cutOff(site, cut);
          jenkins.core.createJob({ name: "after", label: "python", durationMs: 2_000 });
          jenkins.core.build("after");
        });
        const look = (): void => {
          if (cut !== undefined && site.holder("slave-supervisor") !== cut) movedAfter = time.now - 25 * second;
          else time.in(second, look);
        };
        time.in(26 * second, look);
        let isPast = false;
        time.in(4 * minute, () => {
          isOthers = holder(site) !== cut;
          told = site.nats.kept(channels.master, subjects.master("m", "owner-changed")).at(-1)?.data.reason ?? "";
          isPast = true;
        });
        return () => isPast;
      };
      const { isOver, killed, doubled, built } = await live({ ...day, seed, disturb });
      expect({ seed, isOver, killed, doubled, built, isOthers }).toEqual({
        seed,
        isOver: true,
        killed: 0,
        doubled: 0,
        built: 41,
        isOthers: true,
      });
      expect(told).toMatch(/ supervises it now: .* can't watch the cluster's pods \(The cluster does not answer\)$/);
      expect(movedAfter).toBeGreaterThan(25 * second);
      expect(movedAfter).toBeLessThan(minute);
    }
  });

  test("keeps its masters where no other one does either, and serves them when it does again", async () => {
    for (const seed of seeds.slice(0, 2)) {
      const terms: (number | undefined)[] = [];
      const disturb = (site: Site): (() => boolean) => {
        const { time } = site;
        const term = () => site.nats.values(buckets.ledger)[0]?.term;
        void time.apart(() => site.startAnother("slave-supervisor"));
        let isPast = false;
        time.in(25 * second, () => {
          terms.push(term());
          cutOff(site, ...site.replicas("slave-supervisor"));
        });
        time.in(6 * minute, () => {
          terms.push(term());
          site.cluster.cutOff.clear();
          isPast = true;
        });
        return () => isPast;
      };
      const { isOver, killed, built } = await live({ ...day, seed, disturb });
      expect({ isOver, killed, built }).toEqual({ isOver: true, killed: 0, built: 40 });
      expect(terms[1]).toBe(terms[0]);
    }
  });
});
