import { buckets } from "@kubestack/contracts";
import { afterEach, describe, expect, test } from "vitest";
import { smallDay } from "./crash-points.ts";
import { Sharing } from "./replicas.ts";
import { Site } from "./site.ts";

const second = 1_000;
const minute = 60 * second;
const seeds = Array.from({ length: 10 }, (_, at) => at + 1);
const sharings: Sharing[] = [];

function shared(options: ConstructorParameters<typeof Sharing>[0]): Sharing {
  const sharing = new Sharing(options);
  sharings.push(sharing);
  return sharing;
}

afterEach(() => {
  for (const sharing of sharings.splice(0)) sharing.end();
});

/** Twenty masters and three processes that have lived for a while. */
async function three(seed: number): Promise<Sharing> {
  const sharing = shared({ seed, masters: 20 });
  for (let count = 0; count < 3; count += 1) sharing.start();
  await sharing.time.run(minute);
  sharing.forget();
  return sharing;
}

describe("twenty masters and three processes", () => {
  test("are spread, and then stay where they are", async () => {
    for (const seed of seeds.slice(0, 3)) {
      const sharing = await three(seed);
      expect(sharing.held).toBe(20);
      expect(Math.min(...sharing.spread)).toBeGreaterThan(0);
      await sharing.time.run(20 * minute);
      expect({ moves: sharing.moves, unheld: sharing.longestUnheldMs, breaches: sharing.breaches }).toEqual({
        moves: 0,
        unheld: 0,
        breaches: [],
      });
      sharing.end();
    }
  });

  test("and one more: only its own share moves, there, and none is nobody's for longer than a moment", async () => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      const fourth = sharing.start();
      await sharing.time.run(minute);
      expect(sharing.heldBy(fourth)).toHaveLength(sharing.moves);
      expect(sharing.moves).toBeLessThan(12);
      expect(sharing.held).toBe(20);
      expect(sharing.longestUnheldMs).toBeLessThanOrEqual(100);
      expect(sharing.breaches).toEqual([]);
      sharing.end();
    }
  });

  test("and one that is asked to end: the others have its masters at once", async () => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      const [first] = sharing.sharers;
      if (first === undefined) throw new RangeError("Nobody was started.");
      const had = sharing.heldBy(first).length;
      await sharing.time.run(0);
      void sharing.endOrderly(first);
      await sharing.time.run(minute);
      expect(sharing.moves).toBe(had);
      expect(sharing.held).toBe(20);
      expect(sharing.longestUnheldMs).toBeLessThanOrEqual(100);
      sharing.end();
    }
  });

  test("and one that dies: the others have its masters within three seconds", async () => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      const [first] = sharing.sharers;
      if (first === undefined) throw new RangeError("Nobody was started.");
      const had = sharing.heldBy(first).length;
      sharing.time.kill(first.process);
      await sharing.time.run(minute);
      expect([sharing.moves, sharing.held]).toEqual([had, 20]);
      expect(sharing.longestUnheldMs).toBeLessThan(3 * second);
      sharing.end();
    }
  });

  test("and two that die at once: the third has all of them as soon", async () => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      for (const { process } of sharing.sharers.slice(1)) sharing.time.kill(process);
      await sharing.time.run(minute);
      expect(sharing.spread).toEqual([20]);
      expect(sharing.longestUnheldMs).toBeLessThan(3 * second);
      sharing.end();
    }
  });

  test("and one that stands still: its masters are the others' when their leases end, and its own again in time", async () => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      const [first] = sharing.sharers;
      if (first === undefined) throw new RangeError("Nobody was started.");
      const had = sharing.heldBy(first);
      sharing.time.stop(first.process);
      await sharing.time.run(20 * second);
      expect(sharing.held).toBe(20);
      expect(sharing.longestUnheldMs).toBeLessThan(16 * second);
      expect(sharing.longestUnheldMs).toBeGreaterThan(9 * second);
      sharing.time.goOn(first.process);
      await sharing.time.run(second);
      expect(sharing.heldBy(first)).toEqual([]);
      await sharing.time.run(minute);
      expect(sharing.heldBy(first)).toEqual(had);
      expect(sharing.breaches).toEqual([]);
      sharing.end();
    }
  });
});

test("a process that is to serve some masters serves no others", async () => {
  const sharing = shared({ seed: 1, masters: 20 });
  const pinned = sharing.start(sharing.masters.slice(0, 5));
  const all = sharing.start();
  await sharing.time.run(minute);
  expect(sharing.held).toBe(20);
  expect(sharing.heldBy(pinned).every((master) => sharing.masters.indexOf(master) < 5)).toBe(true);
  expect(sharing.heldBy(pinned).length).toBeGreaterThan(0);
  sharing.time.kill(all.process);
  await sharing.time.run(minute);
  expect(sharing.heldBy(pinned)).toEqual(sharing.masters.slice(0, 5));
});

describe("no ping-pong", () => {
  test("a process that falls over again and again gets masters the less often", async () => {
    for (const seed of seeds.slice(0, 1)) {
      const sharing = await three(seed);
      // Lives for fifteen seconds, is dead for five, for an hour.
      for (let count = 0; count < 180; count += 1) {
        const { process } = sharing.start();
        await sharing.time.run(15 * second);
        sharing.time.kill(process);
        await sharing.time.run(5 * second);
      }
      // A fourth of twenty goes there and comes back once, and once more where another one is to have it.
      expect(sharing.moves).toBeLessThan(60);
      expect(sharing.held).toBe(20);
      expect(sharing.longestUnheldMs).toBeLessThan(3 * second);
      expect(sharing.breaches).toEqual([]);
      sharing.end();
    }
  });

  test("where news is lost, doubled and late, masters rest all the same", async () => {
    for (const seed of seeds.slice(0, 3)) {
      const sharing = shared({ seed, masters: 20, faults: { lost: 0.1, doubled: 0.2, delayed: 0.1 } });
      for (let count = 0; count < 3; count += 1) sharing.start();
      await sharing.time.run(2 * minute);
      sharing.forget();
      await sharing.time.run(20 * minute);
      expect(sharing.held).toBe(20);
      expect(sharing.moves).toBe(0);
      expect(sharing.breaches).toEqual([]);
      sharing.end();
    }
  });

  test.each([4, 60])("NATS is away for %i seconds: whoever had a master has it after", async (away) => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      const before = sharing.sharers.map((sharer) => sharing.heldBy(sharer));
      sharing.nats.isAway = true;
      await sharing.time.run(away * second);
      sharing.nats.isAway = false;
      await sharing.time.run(minute);
      expect(sharing.sharers.map((sharer) => sharing.heldBy(sharer))).toEqual(before);
      expect(sharing.breaches).toEqual([]);
      if (away < 10) expect(sharing.moves).toBe(0);
      sharing.end();
    }
  });
});

describe("NATS's store is lost or put back", () => {
  test.each<[string, (sharing: Sharing) => Promise<() => void>]>([
    [
      "lost",
      async ({ nats }) =>
        () =>
          nats.wipe(),
    ],
    [
      "put back by seconds",
      async ({ nats, time }) => {
        const before = nats.snapshot();
        await time.run(7 * second);
        return () => nats.rollBackTo(before);
      },
    ],
    [
      "put back to when others had some, who live",
      async (sharing) => {
        sharing.start();
        // Handed over after ten seconds of its life.
        await sharing.time.run(9 * second);
        const before = sharing.nats.snapshot();
        await sharing.time.run(6 * second);
        expect(sharing.moves).toBeGreaterThan(0);
        return () => sharing.nats.rollBackTo(before);
      },
    ],
    [
      "put back to when another had some, who is dead",
      async (sharing) => {
        const before = sharing.nats.snapshot();
        const [first] = sharing.sharers;
        if (first !== undefined) sharing.time.kill(first.process);
        await sharing.time.run(6 * second);
        expect(sharing.held).toBe(20);
        return () => sharing.nats.rollBackTo(before);
      },
    ],
  ])("%s: no two believe in one lease, and soon each master is somebody's", async (_, prepare) => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      const lose = await prepare(sharing);
      sharing.forget();
      lose();
      // Who comes just then knows nothing of it.
      sharing.start();
      await sharing.time.run(minute);
      expect({ held: sharing.held, breaches: sharing.breaches }).toEqual({ held: 20, breaches: [] });
      expect(sharing.longestUnheldMs).toBeLessThan(6 * second);
      sharing.end();
    }
  });
});

describe("streams are deleted under their processes, and no connection breaks", () => {
  test("whoever has a master keeps it, since the others heard so", async () => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      const before = sharing.sharers.map((sharer) => sharing.heldBy(sharer));
      sharing.nats.deleteAll();
      await sharing.time.run(minute);
      expect(sharing.sharers.map((sharer) => sharing.heldBy(sharer))).toEqual(before);
      expect({ moves: sharing.moves, breaches: sharing.breaches }).toEqual({ moves: 0, breaches: [] });
      expect(sharing.longestUnheldMs).toBeLessThanOrEqual(3 * second);
      sharing.end();
    }
  });

  test("who comes just then and knows of nobody takes them, and whoever had them hears of it at once", async () => {
    for (const seed of seeds) {
      const sharing = await three(seed);
      sharing.nats.deleteAll();
      const late = sharing.start();
      await sharing.time.run(minute);
      expect(sharing.held).toBe(20);
      expect(sharing.heldBy(late).length).toBeGreaterThan(0);
      // The news of it is a message on its way.
      expect(new Set(sharing.breaches.map(({ at }) => at)).size).toBeLessThanOrEqual(1);
      sharing.end();
    }
  });
});

test("a process whose connection breaks believes in no lease until it is back, whoever has it then", async () => {
  for (const seed of seeds) {
    const sharing = await three(seed);
    const [first] = sharing.sharers;
    if (first === undefined) throw new RangeError("Nobody was started.");
    sharing.nats.connections.break(first.process, 8 * second);
    await sharing.time.run(7 * second);
    expect([sharing.held, sharing.heldBy(first)]).toEqual([20, []]);
    await sharing.time.run(minute);
    expect({ held: sharing.held, breaches: sharing.breaches }).toEqual({ held: 20, breaches: [] });
    expect(sharing.longestUnheldMs).toBeLessThan(3 * second);
    sharing.end();
  }
});

describe("whatever befalls them", () => {
  test.each(seeds)("no two believe in one lease, and in the end somebody has each master (seed %i)", async (seed) => {
    const sharing = shared({ seed, masters: 20, faults: { lost: 0.1, doubled: 0.2, delayed: 0.1 } });
    const { time } = sharing;
    for (let count = 0; count < 3; count += 1) sharing.start();
    for (let count = 0; count < 40; count += 1) {
      await time.run(time.between(0, 20_000));
      const living = sharing.sharers.filter(({ process }) => process.state === "runs");
      const one = living[Math.floor(time.random() * living.length)];
      const kind = Math.floor(time.random() * 7);
      if (one === undefined || kind === 0 || (living.length < 2 && kind < 4)) sharing.start();
      else if (kind === 1) time.kill(one.process);
      else if (kind === 2) void sharing.endOrderly(one);
      else if (kind === 3) {
        time.stop(one.process);
        time.in(time.between(0, 30_000), () => time.goOn(one.process));
      } else if (kind === 4) sharing.nats.connections.break(one.process, time.between(0, 20_000));
      else if (kind === 5) sharing.nats.wipe();
      else {
        const before = sharing.nats.snapshot();
        time.in(time.between(0, 20_000), () => sharing.nats.rollBackTo(before));
      }
    }
    await time.run(minute);
    expect({ held: sharing.held, breaches: sharing.breaches }).toEqual({ held: 20, breaches: [] });
  });
});

test("a dead supervisor's master is another's within five seconds, a stopped one's when its lease ends (H8)", async () => {
  const takenAfter = async (end: (site: Site) => void): Promise<number> => {
    const site = new Site({ ...smallDay, seed: 1 });
    try {
      await site.start();
      await site.startAnother("slave-supervisor");
      await site.time.run(20_000);
      const term = site.nats.values(buckets.ledger)[0]?.term ?? 0;
      end(site);
      const endedAt = site.time.now;
      await site.time.run(60_000, () => (site.nats.values(buckets.ledger)[0]?.term ?? 0) > term);
      return site.time.now - endedAt;
    } finally {
      site.end();
    }
  };
  const owner = (site: Site) => site.holder("slave-supervisor") ?? site.process("slave-supervisor");
  expect(await takenAfter((site) => site.time.kill(owner(site)))).toBeLessThan(3_000);
  expect(await takenAfter((site) => void site.endOrderly(owner(site)))).toBeLessThan(500);
  const stopped = await takenAfter((site) => site.time.stop(owner(site)));
  expect(stopped).toBeGreaterThan(5_000);
  expect(stopped).toBeLessThan(16_500);
});
