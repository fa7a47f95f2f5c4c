import { hasCode, ledgerSchema } from "@kubestack/contracts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { compareAndSet } from "./compare-and-set.ts";
import type { Connection } from "./connection.ts";
import { StoredValues } from "./stored-values.ts";

const body = { version: 1, master: "m", owner: "a", term: 1, epoch: "0000", next: 1, live: [] };
const held = { ...body, op: "held" };

/** A stream's last message of one key, and what becomes of writes and readings, one after the other; those behind do well. */
function stream(last: { seq: number; value: object }, fates: { writes?: string[]; reads?: string[] } = {}) {
  const state = { last, written: [] as object[] };
  const [writes = [], reads = []] = [fates.writes, fates.reads];
  const publish = async (_subject: string, payload: string): Promise<{ seq: number }> => {
    const fate = writes.shift();
    if (fate === "lost") throw new Error("timeout");
    const value = JSON.parse(payload) as object;
    state.written.push(value);
    state.last = { seq: state.last.seq + 1, value };
    if (fate === "unanswered") throw new Error("timeout");
    return { seq: state.last.seq };
  };
  const getMessage = async (): Promise<object> => {
    if (reads.shift() === "lost") throw new Error("timeout");
    const { seq, value } = state.last;
    return { seq, time: new Date(0), data: new TextEncoder().encode(JSON.stringify(value)) };
  };
  const connection = { js: { publish }, jsm: { streams: { getMessage } } } as unknown as Connection;
  const shape = { name: "ledger", schema: ledgerSchema, markerMs: 1000 } as unknown as ConstructorParameters<
    typeof StoredValues<typeof held>
  >[1];
  const values = new StoredValues(connection.jsm, shape);
  const write = () => compareAndSet(connection, values, { key: "m", body, expected: 5, replaces: "held" });
  return { state, write };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = work.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(60_000);
  return outcome;
}

describe("a write that is not answered", () => {
  test("and never arrived is done again", async () => {
    const { state, write } = stream({ seq: 5, value: held }, { writes: ["lost"] });
    expect(await outcomeOf(write())).toMatchObject({ revision: 6 });
    expect(state.written).toHaveLength(1);
  });

  test("and arrived is not done again", async () => {
    const { state, write } = stream({ seq: 5, value: held }, { writes: ["unanswered"] });
    expect(await outcomeOf(write())).toMatchObject({ revision: 6 });
    expect(state.written).toHaveLength(1);
  });

  test("is not done again over another value that has the revision by now: the store was put back meanwhile", async () => {
    const { state, write } = stream({ seq: 5, value: { ...held, op: "another's", owner: "b" } }, { writes: ["lost"] });
    expect(hasCode(await outcomeOf(write()), "stale-revision")).toBe(true);
    expect(state.written).toEqual([]);
  });

  test("is not done again before the key was read back", async () => {
    const reads = ["lost", "lost", "lost"];
    const { state, write } = stream({ seq: 5, value: held }, { writes: ["lost"], reads });
    const work = write();
    await vi.advanceTimersByTimeAsync(0);
    state.last = { seq: 5, value: { ...held, op: "another's" } };
    expect(hasCode(await outcomeOf(work), "stale-revision")).toBe(true);
    expect([state.written, reads]).toEqual([[], []]);
  });

  test("is given up where nothing can be read back", async () => {
    const { state, write } = stream({ seq: 5, value: held }, { writes: ["lost"], reads: Array(50).fill("lost") });
    expect(hasCode(await outcomeOf(write()), "bus-unavailable")).toBe(true);
    expect(state.written).toEqual([]);
  });
});
