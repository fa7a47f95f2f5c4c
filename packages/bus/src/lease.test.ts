import { KubestackError, type LeaseRecord } from "@kubestack/contracts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Bucket } from "./bucket.ts";
import { holdLease, type LeaseOptions } from "./lease.ts";

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
  return holdLease({
    bucket,
    key: "k",
    holder: "me",
    clock: { now: () => 0, offsetMs: () => 0, measured: () => undefined },
    monotonic: () => performance.now(),
    ownNow: () => Date.now(),
    ...changed,
  });
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
});
