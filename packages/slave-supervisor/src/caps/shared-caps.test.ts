import { type Amounts, hasCode, KubestackError, keys } from "@kubestack/contracts";
import { newLedger } from "@kubestack/demand";
import { describe, expect, test } from "vitest";
import { type MemoryBus, memoryBus } from "../memory-bus.fixture.ts";
import { type Settling, SharedCaps } from "./shared-caps.ts";

const now = 2_000_000;
const slaves = (count: number): Amounts => ({ slaves: count, cpu: 0, memory: 0 });

function asking(master: string, used: number, changed: Partial<Settling> = {}): Settling {
  return {
    ...{ master, term: 1, store: "s", weight: 1, intervalMs: 2000, used: slaves(used), live: [], now },
    ...changed,
  };
}

const asks = (count: number): Amounts[] => Array.from({ length: count }, () => slaves(1));

/** A process's part, with every call to NATS counted. */
function process(
  bus: MemoryBus,
  of: { cap?: number; masters?: readonly string[]; used?: Record<string, number>; foreign?: () => Amounts } = {},
) {
  const calls: string[] = [];
  const counted = new Proxy(bus.sharedCaps, {
    get: (target, name: keyof MemoryBus["sharedCaps"]) => {
      const found = target[name];
      if (typeof found !== "function") return found;
      return (...how: never[]) => {
        calls.push(name);
        return (found as (...args: never[]) => unknown)(...how);
      };
    },
  });
  const asked: string[] = [];
  const caps = new SharedCaps({
    bus: { ...bus, sharedCaps: counted },
    usedBy: async (name) => {
      asked.push(name);
      return slaves(of.used?.[name] ?? 0);
    },
    ...(of.foreign === undefined ? {} : { foreign: of.foreign }),
  });
  caps.change({ caps: { slaves: of.cap ?? 10 }, masters: of.masters ?? ["a", "b"] });
  return { caps, calls, asked };
}

const linesOf = (bus: MemoryBus) => bus.sharedCaps.entries.get(keys.sharedCaps)?.value.lines ?? {};

describe("what it costs", () => {
  test("a master that is there alone keeps its cap without a word to NATS, but for one look after each takeover", async () => {
    const bus = memoryBus();
    const { caps, calls } = process(bus, { masters: ["a"] });
    expect((await caps.take({ ...asking("a", 8), asks: asks(5) })).division.granted).toHaveLength(2);
    expect(calls).toEqual([]);
    const settling = asking("a", 8);
    await caps.settle(settling);
    await caps.settle(settling);
    expect(calls).toEqual(["get"]);
    expect(linesOf(bus)).toEqual({});
  });

  test("launches under a shared cap cost one write; a pass that wants nothing, and slaves that stay, cost nothing", async () => {
    const bus = memoryBus();
    const { caps, calls } = process(bus);
    await caps.settle(asking("a", 0));
    await caps.settle(asking("b", 0));
    calls.length = 0;
    await caps.take({ ...asking("a", 0), asks: asks(3) });
    expect(calls).toEqual(["update"]);
    const settling = asking("a", 3);
    await caps.settle(settling);
    await caps.settle(settling);
    await caps.take({ ...asking("a", 3), asks: [] });
    expect(calls).toEqual(["update"]);
  });

  test("no cap at all costs nothing", async () => {
    const { caps, calls } = process(memoryBus());
    caps.change({ caps: {}, masters: ["a", "b"] });
    expect((await caps.take({ ...asking("a", 8), asks: asks(5) })).division.granted).toHaveLength(5);
    expect(calls).toEqual([]);
  });
});

describe("what is not in the record", () => {
  test.each<[string, string | undefined]>([
    ["has no line", undefined],
    ["has a line of another store", "lost"],
  ])("a master that %s counts with what its ledger and pods tell", async (_, store) => {
    const bus = memoryBus();
    const other = process(bus);
    if (store !== undefined) await other.caps.settle(asking("b", 1, { store }));
    const { caps, asked } = process(bus, { used: { b: 7 } });
    expect((await caps.take({ ...asking("a", 0), asks: asks(5) })).division.granted).toHaveLength(3);
    expect(asked.at(-1)).toBe("b");
  });

  test("is made anew by whoever owns the master, as its ledger has it", async () => {
    const bus = memoryBus();
    const { caps } = process(bus);
    await caps.settle(asking("a", 4));
    await caps.settle(asking("b", 2));
    bus.sharedCaps.entries.clear();
    await caps.settle(asking("a", 4, { term: 2 }));
    await caps.settle(asking("b", 2, { term: 2 }));
    expect(Object.values(linesOf(bus)).map(({ used }) => used.slaves)).toEqual([4, 2]);
  });

  test("stays out: a line of a master that is neither configured nor has a ledger goes when there is no room", async () => {
    const bus = memoryBus();
    const { caps } = process(bus, { masters: ["a", "b", "gone"] });
    await caps.settle(asking("gone", 10));
    await bus.ledger.create("b", newLedger({ master: "b", owner: "o", epoch: "e", op: "" }));
    await caps.settle(asking("b", 0));
    caps.change({ caps: { slaves: 10 }, masters: ["a"] });
    caps.change({ caps: { slaves: 10 }, masters: ["a", "c"] });
    expect((await caps.take({ ...asking("a", 0), asks: asks(1) })).division.granted).toEqual([]);
    // That of b stays: it has a ledger.
    expect(Object.keys(linesOf(bus)).toSorted()).toEqual(["a", "b"]);
    expect((await caps.take({ ...asking("a", 0), asks: asks(1) })).division.granted).toEqual([0]);
  });
});

describe("several processes", () => {
  test("nothing is refused by what was true a while ago", async () => {
    const bus = memoryBus();
    const [one, two] = [process(bus), process(bus)];
    await one.caps.settle(asking("a", 0));
    await two.caps.settle(asking("b", 10));
    await one.caps.take({ ...asking("a", 0), asks: asks(2) });
    await two.caps.settle(asking("b", 3, { live: [] }));
    const { division } = await one.caps.take({ ...asking("a", 0), asks: asks(2) });
    expect(division.granted).toHaveLength(2);
  });

  test("what one waits for is known to the other, for three of its intervals", async () => {
    const bus = memoryBus();
    const [one, two] = [process(bus), process(bus)];
    await two.caps.settle(asking("b", 10));
    await one.caps.take({ ...asking("a", 0), asks: asks(4) });
    const want = async (later: number) => (await two.caps.wantElsewhere("b", now + later)).slaves;
    expect([await want(0), await want(6000), await want(6001)]).toEqual([4, 4, 0]);
  });

  test("an owner that was overtaken is refused, and writes nothing", async () => {
    const bus = memoryBus();
    const [old, young] = [process(bus), process(bus)];
    await old.caps.settle(asking("a", 1));
    await young.caps.settle(asking("a", 2, { term: 2 }));
    const refused = old.caps.take({ ...asking("a", 1), asks: asks(1) });
    await expect(refused).rejects.toSatisfy((error) => hasCode(error, "not-owner"));
    expect(linesOf(bus).a).toMatchObject({ term: 2, used: slaves(2) });
  });

  test("but a line that an earlier ledger left is written over by the owner of the present one", async () => {
    const bus = memoryBus();
    const { caps } = process(bus);
    await caps.settle(asking("a", 3, { term: 9 }));
    await bus.ledger.create("a", newLedger({ master: "a", owner: bus.process, epoch: "e", op: "" }));
    await caps.settle(asking("a", 1, { live: [] as never[] }));
    expect(linesOf(bus).a).toMatchObject({ term: 1, used: slaves(1) });
  });

  test("one that can't read the record, or knows its form not yet, launches nothing and says what to do", async () => {
    const bus = memoryBus();
    const { caps } = process(bus);
    await bus.sharedCaps.create(keys.sharedCaps, { version: 2, lines: {} });
    await expect(caps.take({ ...asking("a", 0), asks: asks(1) })).rejects.toThrow("newer release");
    bus.sharedCaps.get = async () => {
      throw new KubestackError("invalid-message", "it can't be read");
    };
    await expect(caps.take({ ...asking("a", 0), asks: asks(1) })).rejects.toThrow("remove the key all.caps");
  });
});

describe("pods that are no slaves, where they count", () => {
  test.each([[["a"]], [["a", "b"]]])("take up room under what %j may have, and no line", async (masters) => {
    const bus = memoryBus();
    const { caps } = process(bus, { masters, foreign: () => slaves(7) });
    const { division, others } = await caps.take({ ...asking("a", 1), asks: asks(5) });
    expect(division.granted).toHaveLength(2);
    expect(others.map(({ name, used }) => [name, used.slaves])).toContainEqual(["pods of the Kubernetes plugin", 7]);
    expect(Object.keys(linesOf(bus)).filter((name) => name !== "a" && name !== "b")).toEqual([]);
  });

  test("that nobody has read are not nothing: no launch is granted", async () => {
    const unread = (): never => {
      throw new KubestackError("cluster-unavailable", "not read");
    };
    const { caps } = process(memoryBus(), { foreign: unread });
    await expect(caps.take({ ...asking("a", 1), asks: asks(1) })).rejects.toThrow("not read");
  });
});
