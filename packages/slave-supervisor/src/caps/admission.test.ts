import type { QueueItem } from "@kubestack/contracts";
import { newLedger } from "@kubestack/demand";
import { describe, expect, test } from "vitest";
import type { SourceDecision } from "../launching.ts";
import type { MasterScope } from "../master-scope.ts";
import { memoryBus } from "../memory-bus.fixture.ts";
import { template } from "../slave-record.fixture.ts";
import { admit } from "./admission.ts";
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
  return [{ source: {} as SourceDecision["source"], decision: { launches, waiting: [], surplus: [] } }];
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
