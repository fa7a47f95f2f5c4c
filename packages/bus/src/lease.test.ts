import { KubestackError, type LeaseRecord } from "@kubestack/contracts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Bucket } from "./bucket.ts";
import { HeldLease, type LeaseOptions, type Turn } from "./lease.ts";

/** A bucket in memory whose writes wait until the test lets them go on. */
function gatedBucket() {
  let revision = 0;
  let waiting: (() => void)[] = [];
  const state = {
    isOpen: true,
    entry: undefined as { value: LeaseRecord; revision: number } | undefined,
    go: () => {
      const all = waiting;
      waiting = [];
      for (const one of all) one();
    },
  };
  const pass = (): Promise<void> =>
    state.isOpen ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  const write = (key: string, holder: string) => {
    revision += 1;
    const value = { holder, op: `op-${revision}` };
    state.entry = { value, revision };
    return { key, value, revision };
  };
  const bucket: Bucket<LeaseRecord> = {
    get: async (key) => (state.entry === undefined ? undefined : { key, ...state.entry, writtenAt: 0 }),
    info: async () => ({ madeAt: 0, lastRevision: 0 }),
    list: async () => [],
    each: async () => undefined,
    create: async (key, { holder }) => {
      await pass();
      if (state.entry !== undefined) throw new KubestackError("already-exists", "held");
      return write(key, holder);
    },
    update: async ({ key, revision: expected }, { holder }) => {
      await pass();
      if (state.entry?.revision !== expected) throw new KubestackError("stale-revision", "changed");
      return write(key, holder);
    },
    remove: async (_key, expected) => {
      if (state.entry?.revision !== expected) throw new KubestackError("stale-revision", "changed");
      state.entry = undefined;
    },
  };
  return { bucket, state };
}

function hold(bucket: Bucket<LeaseRecord>, changed: Partial<LeaseOptions> = {}) {
  return new HeldLease({
    bucket,
    key: "k",
    holder: "me",
    clock: { now: () => 0, offsetMs: () => 0, measured: () => undefined },
    monotonic: () => performance.now(),
    ownNow: () => Date.now(),
    ...changed,
  });
}

function turn(changed: Partial<Turn> = {}): Turn {
  return {
    waitMs: () => 0,
    isClaimed: () => false,
    lastSignOf: () => undefined,
    unableOf: () => "",
    moved: () => undefined,
    ...changed,
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a lease", () => {
  test("never tells of itself before whoever asked for it has it", async () => {
    const { bucket } = gatedBucket();
    let lease: ReturnType<typeof hold> | undefined;
    const told: unknown[] = [];
    lease = hold(bucket, { onChange: (held) => told.push([held, lease !== undefined]) });
    await lease.held;
    expect(told).toEqual([[true, true]]);
    await lease.release();
  });

  test("is renewed, and is lost by its own clock where no renewal is answered in time", async () => {
    const { bucket, state } = gatedBucket();
    const told: boolean[] = [];
    const lease = hold(bucket, { onChange: (held) => told.push(held) });
    await lease.held;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([lease.isHeld(), told]).toEqual([true, [true]]);
    state.isOpen = false;
    await vi.advanceTimersByTimeAsync(14_999);
    const first = lease.isHeld();
    await vi.advanceTimersByTimeAsync(5001);
    expect([first, lease.isHeld()]).toEqual([true, false]);
    state.isOpen = true;
    state.go();
    await lease.release();
  });

  test("that another process took is told once, and is taken again when it is free", async () => {
    const { bucket, state } = gatedBucket();
    const told: boolean[] = [];
    const lease = hold(bucket, { onChange: (held) => told.push(held) });
    await lease.held;
    state.entry = { value: { holder: "other", op: "x" }, revision: 99 };
    await vi.advanceTimersByTimeAsync(20_000);
    expect([lease.isHeld(), told]).toEqual([false, [true, false]]);
    state.entry = undefined;
    await vi.advanceTimersByTimeAsync(1000);
    expect([lease.isHeld(), told]).toEqual([true, [true, false, true]]);
    await lease.release();
  });

  test("of a process that is dead is taken at once; of one that lives it is waited for", async () => {
    const { bucket, state } = gatedBucket();
    state.entry = { value: { holder: "other", op: "x" }, revision: 99 };
    let isDead = false;
    const asked: string[] = [];
    const lease = hold(bucket, {
      isDead: async (holder) => {
        asked.push(holder);
        return isDead;
      },
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect([lease.isHeld(), state.entry?.revision]).toEqual([false, 99]);
    isDead = true;
    await vi.advanceTimersByTimeAsync(1001);
    expect(lease.isHeld()).toBe(true);
    expect(new Set(asked)).toEqual(new Set(["other"]));
    await lease.release();
  });

  test("that somebody else took meanwhile is left to it, though the holder before was dead", async () => {
    const { bucket, state } = gatedBucket();
    state.entry = { value: { holder: "dead", op: "x" }, revision: 99 };
    const lease = hold(bucket, {
      isDead: async (holder) => {
        if (holder === "dead") state.entry = { value: { holder: "swift", op: "y" }, revision: 100 };
        return holder === "dead";
      },
    });
    await vi.advanceTimersByTimeAsync(5000);
    expect([lease.isHeld(), state.entry?.value.holder]).toEqual([false, "swift"]);
    await lease.release();
  });

  test.each(["while it is asked for", "while it is renewed"])("released %s leaves nothing held", async (when) => {
    const { bucket, state } = gatedBucket();
    const isAsking = when === "while it is asked for";
    if (isAsking) state.isOpen = false;
    const lease = hold(bucket);
    if (!isAsking) {
      await lease.held;
      state.isOpen = false;
      await vi.advanceTimersByTimeAsync(5000);
    }
    const released = lease.release();
    state.go();
    await released;
    expect(state.entry).toBeUndefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([state.entry, lease.isHeld(), vi.getTimerCount()]).toEqual([undefined, false, 0]);
  });

  test("that is free is left to who comes before this process for a while", async () => {
    const { bucket, state } = gatedBucket();
    const lease = hold(bucket, { turn: turn({ waitMs: () => 1500 }) });
    await vi.advanceTimersByTimeAsync(1499);
    expect([lease.isHeld(), state.entry]).toEqual([false, undefined]);
    await vi.advanceTimersByTimeAsync(1);
    expect([lease.isHeld(), state.entry?.value.holder]).toEqual([true, "me"]);
    await lease.release();
  });

  test("that somebody claims is seldom looked at, and at once when told so", async () => {
    const { bucket, state } = gatedBucket();
    state.entry = { value: { holder: "other", op: "x" }, revision: 99 };
    let isClaimed = true;
    const lease = hold(bucket, { turn: turn({ isClaimed: () => isClaimed }) });
    await vi.advanceTimersByTimeAsync(100);
    state.entry = undefined;
    await vi.advanceTimersByTimeAsync(4000);
    expect(lease.isHeld()).toBe(false);
    isClaimed = false;
    lease.look();
    await vi.advanceTimersByTimeAsync(0);
    expect(lease.isHeld()).toBe(true);
    await lease.release();
  });

  test("tells whom it was taken from, and how long that one had been silent", async () => {
    const { bucket, state } = gatedBucket();
    state.entry = { value: { holder: "other", op: "x" }, revision: 99 };
    const told: unknown[] = [];
    const lease = hold(bucket, {
      onChange: (_held, _reason, predecessor) => told.push(predecessor),
      turn: turn({ lastSignOf: () => performance.now() - 700, unableOf: (process) => `${process} is ill` }),
      isDead: async () => true,
    });
    await lease.held;
    expect(told).toEqual([{ process: "other", silentMs: 700, unable: "other is ill" }]);
    await lease.release();
  });

  test("whose answer was lost is known again by its holder's name", async () => {
    const { bucket, state } = gatedBucket();
    state.entry = { value: { holder: "me", op: "x" }, revision: 99 };
    const lease = hold(bucket);
    await lease.held;
    expect(lease.isHeld()).toBe(true);
    await lease.release();
    expect(state.entry).toBeUndefined();
  });
});

describe("a lease that is doubted", () => {
  test("is not believed in until it was read back, and where all is well nobody is told", async () => {
    const { bucket, state } = gatedBucket();
    const told: boolean[] = [];
    const lease = hold(bucket, { onChange: (held) => told.push(held) });
    await lease.held;
    lease.doubt();
    await vi.advanceTimersByTimeAsync(1000);
    expect([lease.isHeld(), lease.heldSince, lease.isOnRecord]).toEqual([false, undefined, true]);
    lease.look();
    await vi.advanceTimersByTimeAsync(0);
    expect([lease.isHeld(), state.entry?.revision, told]).toEqual([true, 2, [true]]);
    await lease.release();
  });

  test("asks nothing while there is no way to NATS, and at once when there is", async () => {
    const { bucket, state } = gatedBucket();
    const told: boolean[] = [];
    const asked: string[] = [];
    const { get } = bucket;
    bucket.get = (key) => {
      asked.push(key);
      return get(key);
    };
    const lease = hold(bucket, { onChange: (held) => told.push(held) });
    await lease.held;
    asked.length = 0;
    lease.interrupted();
    await vi.advanceTimersByTimeAsync(9000);
    expect([lease.isHeld(), asked, told]).toEqual([false, [], [true]]);
    lease.restored();
    await vi.advanceTimersByTimeAsync(1);
    expect([lease.isHeld(), state.entry?.revision, told]).toEqual([true, 2, [true]]);
    lease.interrupted();
    await vi.advanceTimersByTimeAsync(16_000);
    expect([lease.isHeld(), told]).toEqual([false, [true, false]]);
    await lease.release();
  });

  test("is lost by its own clock where nobody answers", async () => {
    const { bucket, state } = gatedBucket();
    const told: boolean[] = [];
    const lease = hold(bucket, { onChange: (held) => told.push(held) });
    await lease.held;
    bucket.get = async () => {
      throw new KubestackError("bus-unavailable", "away");
    };
    lease.doubt();
    await vi.advanceTimersByTimeAsync(14_000);
    expect([lease.isHeld(), told]).toEqual([false, [true]]);
    await vi.advanceTimersByTimeAsync(2000);
    expect([lease.isHeld(), told, state.entry?.revision]).toEqual([false, [true, false], 1]);
    await lease.release();
  });

  test("and is gone with the store is told as lost, and taken again at once", async () => {
    const { bucket, state } = gatedBucket();
    const told: string[] = [];
    const lease = hold(bucket, { onChange: (_, reason) => told.push(reason) });
    await lease.held;
    state.entry = undefined;
    lease.doubt();
    lease.look();
    await vi.advanceTimersByTimeAsync(1);
    const lost = "lease k is not in NATS any more: its store was lost or put back";
    expect([lease.isHeld(), told]).toEqual([true, ["lease k is held", lost, "lease k is held"]]);
    await lease.release();
  });

  test("and is another's is left to it, though the revision is the one that this process wrote", async () => {
    const { bucket, state } = gatedBucket();
    const lease = hold(bucket);
    await lease.held;
    state.entry = { value: { holder: "other", op: "x" }, revision: state.entry?.revision ?? 0 };
    lease.doubt();
    lease.look();
    await vi.advanceTimersByTimeAsync(5000);
    expect([lease.isHeld(), lease.isOnRecord, state.entry.value.holder]).toEqual([false, false, "other"]);
    await lease.release();
  });

  test("while it is asked for is read back once it was got, and told only then", async () => {
    const { bucket, state } = gatedBucket();
    state.isOpen = false;
    const told: unknown[] = [];
    const lease = hold(bucket, { onChange: (held) => told.push([held, state.entry?.revision]) });
    await vi.advanceTimersByTimeAsync(0);
    lease.doubt();
    state.isOpen = true;
    state.go();
    await vi.advanceTimersByTimeAsync(1);
    expect([lease.isHeld(), told]).toEqual([true, [[true, 2]]]);
    await lease.release();
  });

  test("by whoever stood still: it never overwrites another's of the same revision", async () => {
    const { bucket, state } = gatedBucket();
    let now = 0;
    const lease = hold(bucket, { monotonic: () => now });
    await lease.held;
    state.entry = { value: { holder: "other", op: "x" }, revision: state.entry?.revision ?? 0 };
    await vi.advanceTimersByTimeAsync(0);
    now = 8000;
    await vi.advanceTimersByTimeAsync(5000);
    expect([lease.isHeld(), state.entry.value.holder]).toEqual([false, "other"]);
    await lease.release();
  });
});

describe("a lease that does not stand in NATS though somebody who lives claims it", () => {
  test("is left to it until it claims it no more", async () => {
    const { bucket } = gatedBucket();
    let isClaimed = true;
    const lease = hold(bucket, { turn: turn({ isClaimed: () => isClaimed }) });
    await vi.advanceTimersByTimeAsync(14_000);
    expect(lease.isHeld()).toBe(false);
    isClaimed = false;
    lease.look();
    await vi.advanceTimersByTimeAsync(0);
    expect(lease.isHeld()).toBe(true);
    await lease.release();
  });

  test("is taken after one time to live: nothing stays nobody's", async () => {
    const { bucket } = gatedBucket();
    const lease = hold(bucket, { turn: turn({ isClaimed: () => true }) });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(lease.isHeld()).toBe(false);
    await vi.advanceTimersByTimeAsync(1001);
    expect(lease.isHeld()).toBe(true);
    await lease.release();
  });
});

describe("a handover", () => {
  test("ends the work, waits for what is under way, frees the lease, and stands by for it", async () => {
    const { bucket, state } = gatedBucket();
    const steps: string[] = [];
    const underWay = Promise.withResolvers<void>();
    const lease = hold(bucket, {
      onChange: (held, reason) => steps.push(held ? "held" : reason),
      settled: () => underWay.promise,
      turn: turn({ moved: () => steps.push(state.entry === undefined ? "free" : "taken"), waitMs: () => 3000 }),
    });
    await vi.advanceTimersByTimeAsync(3000);
    const over = lease.handOver("first", "it comes before this process");
    expect([lease.isHeld(), steps.at(-1)]).toEqual([false, "lease k goes to first: it comes before this process"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(state.entry?.value.holder).toBe("me");
    underWay.resolve();
    await over;
    expect([state.entry, steps.at(-1)]).toEqual([undefined, "free"]);
    await vi.advanceTimersByTimeAsync(3999);
    expect(lease.isHeld()).toBe(false);
    // Who was to have it did not take it: nothing stays nobody's.
    await vi.advanceTimersByTimeAsync(1);
    expect(lease.isHeld()).toBe(true);
    await lease.release();
  });

  test("waits two seconds at most", async () => {
    const { bucket, state } = gatedBucket();
    const lease = hold(bucket, { settled: () => new Promise(() => undefined) });
    await lease.held;
    void lease.handOver("first", "it comes before this process");
    await vi.advanceTimersByTimeAsync(1999);
    expect(state.entry?.value.holder).toBe("me");
    await vi.advanceTimersByTimeAsync(1);
    expect(state.entry).toBeUndefined();
    await lease.release();
  });

  test("that NATS does not take leaves the lease where it was", async () => {
    const { bucket, state } = gatedBucket();
    const { remove } = bucket;
    bucket.remove = async () => {
      throw new KubestackError("bus-unavailable", "away");
    };
    const lease = hold(bucket);
    await lease.held;
    await lease.handOver("first", "it comes before this process");
    await vi.advanceTimersByTimeAsync(1000);
    expect([lease.isHeld(), state.entry?.value.holder]).toEqual([true, "me"]);
    bucket.remove = remove;
    await lease.release();
  });

  test.each(["before", "while"])("of a process that ends %s it leaves nothing held and no timer", async (when) => {
    const { bucket, state } = gatedBucket();
    const underWay = Promise.withResolvers<void>();
    const lease = hold(bucket, { settled: () => underWay.promise });
    await lease.held;
    const released = when === "before" ? lease.release() : undefined;
    const over = lease.handOver("first", "it comes before this process");
    await vi.advanceTimersByTimeAsync(0);
    const ended = released ?? lease.release();
    underWay.resolve();
    await Promise.all([over, ended]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([state.entry, lease.isHeld(), vi.getTimerCount()]).toEqual([undefined, false, 0]);
  });
});
