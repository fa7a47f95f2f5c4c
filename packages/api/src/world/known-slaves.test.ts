import { KubestackError, type SlaveRecord } from "@kubestack/contracts";
import { slave } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { KnownSlaves, type KnownSlavesOptions } from "./known-slaves.ts";

type Told = SlaveRecord | "gone" | "unreadable";

/** A bucket in memory: each write is one more revision. */
function bucket() {
  let now = 0;
  const store = { madeAt: 1, writes: [] as { key: string; told: Told }[], fails: false };
  const calls: string[] = [];
  const entry = (key: string, value: SlaveRecord, revision: number) => ({ key, value, revision, writtenAt: 0 });
  const tell = (from: number, handle: (key: string, told: Told, revision: number) => void) => {
    if (store.fails) throw new KubestackError("bus-unavailable", "NATS did not answer.");
    const last = new Map(store.writes.map(({ key }, at) => [key, at]));
    for (const [key, at] of last) if (at >= from) handle(key, store.writes[at]?.told ?? "gone", at + 1);
  };
  const fault = (key: string) => new KubestackError("invalid-message", `${key} can't be read`);
  const options: KnownSlavesOptions = {
    monotonic: () => now,
    bucket: {
      info: async () => ({ madeAt: store.madeAt, lastRevision: store.writes.length }),
      each: async (_filter, handle, onUnreadable) => {
        calls.push("whole");
        tell(0, (key, told, revision) => {
          if (told === "unreadable") onUnreadable?.(fault(key));
          else if (told !== "gone") handle(entry(key, told, revision));
        });
      },
      changes: async ({ after, handle, onUnreadable }) => {
        calls.push(`after ${after}`);
        tell(after, (key, told, revision) => {
          if (told === "unreadable") onUnreadable?.(fault(key));
          handle(key, typeof told === "string" ? undefined : entry(key, told, revision));
        });
      },
    },
  };
  return {
    known: new KnownSlaves(options),
    calls,
    store,
    write: (key: string, told: Told = slave(key, "online")) => store.writes.push({ key, told }),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const names = async (known: KnownSlaves) => (await known.all()).records.map(({ name }) => name).sort();

describe("of the slaves", () => {
  test("only what changed is read again", async () => {
    const { known, calls, write } = bucket();
    write("a");
    write("b");
    expect(await names(known)).toEqual(["a", "b"]);
    expect(await names(known)).toEqual(["a", "b"]);
    write("c");
    write("a", slave("a", "busy"));
    write("b", "gone");
    const { records } = await known.all();
    expect(records.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(["a busy", "c online"]);
    expect(calls).toEqual(["whole", "after 2"]);
  });

  test.each<[string, (of: ReturnType<typeof bucket>) => void]>([
    ["the store is another one", ({ store }) => Object.assign(store, { madeAt: 2 })],
    ["the store was put back", ({ store }) => store.writes.pop()],
    ["that was half a minute ago: a marker of what was purged may be gone", ({ pass }) => pass(30_000)],
    ["they were forgotten", ({ known }) => known.forget()],
  ])("all are read where %s", async (_, happens) => {
    const of = bucket();
    of.write("a");
    of.write("b");
    await of.known.all();
    happens(of);
    await of.known.all();
    expect(of.calls).toEqual(["whole", "whole"]);
  });

  test("none that can't be read is passed over in silence, and none is counted twice", async () => {
    const { known, write } = bucket();
    write("a", "unreadable");
    expect((await known.all()).unreadable).toBe(1);
    write("a", "unreadable");
    write("b", "unreadable");
    expect(await known.all()).toEqual({ records: [], unreadable: 2 });
  });

  test("an error is raised and forgets nothing: what changed meanwhile is read by the next", async () => {
    const { known, calls, store, write } = bucket();
    write("a");
    await known.all();
    write("b");
    store.fails = true;
    await expect(known.all()).rejects.toThrow("NATS did not answer.");
    store.fails = false;
    expect(await names(known)).toEqual(["a", "b"]);
    expect(calls).toEqual(["whole", "after 1", "after 1"]);
  });
});
