import type { QueueItem } from "@kubestack/contracts";
import { newLedger } from "@kubestack/demand";
import { describe, expect, test } from "vitest";
import type { SourceDecision } from "../launching.ts";
import type { MasterScope } from "../master-scope.ts";
import { memoryBus } from "../memory-bus.fixture.ts";
import { template } from "../slave-record.fixture.ts";
import { admit, admitIdle } from "./admission.ts";
import { capsOf } from "./costs.ts";
import { SharedCaps } from "./shared-caps.ts";

const now = 2_000_000;
const templates = [template({ name: "small", cpu: "1", memory: "1Gi" }), template({ name: "large", cpu: "6" })];

function decided(...names: readonly string[]): SourceDecision[] {
  const launches = names.map((name, at) => ({
    item: { id: String(at + 1) } as QueueItem,
    template: name,
    reason: "",
  }));
  return [
    { source: {} as SourceDecision["source"], decision: { launches, waiting: [], surplus: [], idle: new Map() } },
  ];
}

/** A master with slaves of these templates, by what they asked for when they were launched. */
function scope(options: object, living: readonly { template: string; asks?: object }[] = []): MasterScope {
  const ledger = { ...newLedger({ master: "a", owner: "o", epoch: "e", op: "" }), live: living };
  const store = { standing: () => ({ id: "s" }) };
  return {
    options: { name: "a", templates, store, intervalMs: 2000, ...options },
    ledger: { ledger },
    isOwner: () => true,
  } as unknown as MasterScope;
}

async function admitted(of: MasterScope, ...names: string[]) {
  const [one] = await admit(of, decided(...names), now);
  return {
    launched: one?.decision.launches.map(({ item }) => item.id),
    waits: one?.decision.waiting.map(({ item, code, reason, cap }) => [item.id, code, cap?.of, reason]),
  };
}

describe("of the launches that were decided", () => {
  test("all are made where nothing is capped", async () => {
    expect(await admitted(scope({}), "small", "large")).toEqual({ launched: ["1", "2"], waits: [] });
  });

  test("those wait that would pass the master's own cpu, with the numbers; what was launched counts as it was", async () => {
    const own = scope({ ownCaps: capsOf({ cpu: "4", memory: undefined }) }, [
      { template: "small", asks: { cpu: 1500, memory: 0 } },
      { template: "small" },
    ]);
    expect(await admitted(own, "small", "small", "large")).toEqual({
      launched: ["1"],
      waits: [
        ["3", "too-large", "master", "it asks for 6 cpu, and master a may have 4 cpu (masters[].cpu)"],
        ["2", "cap", "master", "master a is at its cap: 3.5 of 4 cpu, and it asks for 1 (masters[].cpu)"],
      ].toSorted(),
    });
  });

  test("those wait that the caps of all masters do not let through, and their line says so first", async () => {
    const bus = memoryBus();
    const sharedCaps = new SharedCaps({ bus, usedBy: async () => ({ slaves: 1, cpu: 2000, memory: 0 }) });
    sharedCaps.change({ caps: capsOf({ maxSlaves: 50, cpu: "5" }), masters: ["a", "b"] });
    expect(await admitted(scope({ sharedCaps }, [{ template: "small" }]), "small", "small", "small")).toEqual({
      launched: ["1", "2"],
      waits: [["3", "cap", "all", "all masters are at their cap: 5 of 5 cpu, and it asks for 1 (limits.cpu)"]],
    });
    const [record] = bus.sharedCaps.entries.values();
    expect(record?.value.lines.a).toMatchObject({ used: { slaves: 3, cpu: 3000 }, want: { slaves: 1, cpu: 1000 } });
  });
});

describe("of the launches that are for no item", () => {
  const warm = (count: number) =>
    Array.from({ length: count }, () => ({ template: "small", reason: "to keep 3 idle" }));
  const waiting = (of: "all" | "master"): SourceDecision[] => {
    const one = { item: {} as QueueItem, code: "cap" as const, reason: "", cap: { of } };
    const [first] = decided();
    return first === undefined ? [] : [{ ...first, decision: { ...first.decision, waiting: [one] } }];
  };

  test("as many are made as the master's own cpu leaves room for, and none while an item waits for it", async () => {
    const own = scope({ ownCaps: capsOf({ cpu: "4", memory: undefined }) }, [
      { template: "small" },
      { template: "small" },
    ]);
    expect(await admitIdle(own, { launches: warm(3), decided: decided(), now })).toHaveLength(2);
    for (const of of ["all", "master"] as const)
      expect(await admitIdle(own, { launches: warm(3), decided: waiting(of), now })).toEqual([]);
  });

  test("those are made that nobody else wants the place of, and what is refused is not told as wanted", async () => {
    const bus = memoryBus();
    const sharedCaps = new SharedCaps({ bus, usedBy: async () => ({ slaves: 0, cpu: 0, memory: 0 }) });
    sharedCaps.change({ caps: { slaves: 10 }, masters: ["a", "b"] });
    const ask = { slaves: 1, cpu: 0, memory: 0 };
    const of = { term: 1, store: "s", weight: 1, intervalMs: 2000, now };
    // The other master has 6 places and wants 2 more than there are by its own cap.
    const line = { term: 1, store: "s", used: { ...ask, slaves: 6 }, want: { ...ask, slaves: 2 }, since: now };
    await bus.sharedCaps.create("all.caps", {
      version: 1,
      lines: { b: { ...line, refreshedAt: now, intervalMs: 2000, weight: 1 } },
    });
    const made = await admitIdle(scope({ sharedCaps }), { launches: warm(5), decided: decided(), now });
    expect(made).toHaveLength(2);
    const [record] = bus.sharedCaps.entries.values();
    expect(record?.value.lines.a).toMatchObject({ used: { slaves: 2 }, want: { slaves: 0 }, since: null });
    // An item of the master comes before what is to be idle.
    const { division, idle } = await sharedCaps.take({
      ...{ ...of, master: "a", used: { ...ask, slaves: 4 }, asks: [ask], idle: [ask] },
    });
    expect([division.granted.length, division.refused.size, idle]).toEqual([0, 1, 0]);
  });
});
