import { keys, type SlaveRecord } from "@kubestack/contracts";
import { newLedger, type RoundMark } from "@kubestack/demand";
import { createLogger } from "@kubestack/runtime";
import { manualTiming } from "@kubestack/runtime/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { DemandView } from "./demand-view.ts";
import { LedgerKeeper } from "./ledger-keeper.ts";
import type { MasterOptions, MasterScope } from "./master-scope.ts";
import { type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { NodeBudget } from "./node-budget/node-budget.ts";
import { Retention, recordAgeMs } from "./retention.ts";
import { Roster, type Slave } from "./roster.ts";
import { recordAfter, recordIn, type Told, ways } from "./slave-record.fixture.ts";

let bus: MemoryBus;
let roster: Roster;
let ledger: LedgerKeeper;
let retention: Retention;
let round: RoundMark | undefined;
let isOwner: boolean;

beforeEach(async () => {
  bus = memoryBus();
  round = { term: 1, round: 10 };
  isOwner = true;
  // The records of these tests are of this epoch.
  await bus.ledger.create(keys.ledger("m"), newLedger({ master: "m", owner: "before", epoch: "abcd", op: "birth" }));
  ledger = await LedgerKeeper.takeOver(bus, "m");
  roster = new Roster({
    bus,
    log: createLogger({ level: "silent" }),
    isOwner: () => true,
    carryOut: () => undefined,
    mayHaveBegun: () => undefined,
    onOvertaken: () => undefined,
    onMoved: () => undefined,
  });
  const scope: MasterScope = {
    options: { bus, name: "m", log: createLogger({ level: "silent" }) } as unknown as MasterOptions,
    roster,
    demand: { roundOf: () => round } as unknown as DemandView,
    ledger,
    standing: {} as MasterScope["standing"],
    unserved: new Set(),
    nodes: new NodeBudget({ perSecond: "auto", timing: manualTiming(), removesFirst: () => false }),
    isOwner: () => isOwner,
    isTrusted: () => isOwner,
  };
  retention = new Retention(scope);
});

const at = 1_003_000;
const final: Told[] = [...ways.deleted, { type: "announced", upTo: 3 }];

async function slaveOf(record: SlaveRecord, endedAtRound?: RoundMark): Promise<Slave> {
  const slave = roster.add(await bus.slaves.create(keys.slave("m", record.name), record));
  slave.endedAtRound = endedAtRound;
  return slave;
}

async function granted(count: number): Promise<void> {
  const launch = { nonce: "n", template: "python", labels: [], item: null, at: 1, reason: "" };
  await ledger.grant(Array.from({ length: count }, () => launch));
}

const names = (): string[] => [...roster.all()].map(({ record }) => record.name);

describe("a slave that is over", () => {
  test("leaves the ledger, and memory once no round can count it any more; its record stays", async () => {
    await granted(2);
    await slaveOf(recordAfter(final, { number: 1 }), { term: 1, round: 11 });
    await slaveOf(recordIn("busy", { number: 2 }));
    await retention.letGo(at);
    expect(ledger.ledger.live.map(({ number }) => number)).toEqual([2]);
    expect(names()).toHaveLength(2);
    round = { term: 1, round: 11 };
    await retention.letGo(at);
    expect(names()).toHaveLength(2);
    round = { term: 1, round: 12 };
    await retention.letGo(at);
    expect(names()).toEqual(["ks-m-abcd2"]);
    expect(bus.slaves.entries.size).toBe(2);
  });

  test.each<[string, SlaveRecord, Partial<Slave>]>([
    ["its last state is not announced yet", recordAfter(ways.deleted), {}],
    ["something of it is to be tried again", recordAfter(final), { wakeAt: 5 }],
    ["it is not deleted", recordIn("draining"), {}],
  ])("keeps its place while %s", async (_, record, changed) => {
    await granted(1);
    Object.assign(await slaveOf(record, { term: 0, round: 0 }), changed);
    await retention.letGo(at);
    expect([ledger.ledger.live.length, names().length]).toEqual([1, 1]);
  });

  test("stays in memory while no round is known", async () => {
    await granted(1);
    await slaveOf(recordAfter(final), { term: 0, round: 0 });
    round = undefined;
    await retention.letGo(at);
    expect([ledger.ledger.live.length, names().length]).toEqual([0, 1]);
  });

  test("writes nothing more to the ledger once it has left", async () => {
    await granted(1);
    await slaveOf(recordAfter(final), { term: 9, round: 9 });
    await retention.letGo(at);
    const revision = bus.ledger.entries.get(keys.ledger("m"))?.revision;
    for (let ticks = 0; ticks < 5; ticks += 1) await retention.letGo(at + ticks);
    expect(bus.ledger.entries.get(keys.ledger("m"))?.revision).toBe(revision);
  });
});

describe("an old record", () => {
  const hourMs = 60 * 60_000;

  test("is purged after a day, though its slave left memory long ago", async () => {
    const record = recordAfter(final);
    await bus.slaves.create(keys.slave("m", record.name), record);
    const ended = record.life.trail.at(-1)?.at ?? 0;
    await retention.letGo(ended + recordAgeMs - 1);
    expect(bus.slaves.entries.size).toBe(1);
    await retention.letGo(ended + recordAgeMs);
    expect(bus.slaves.entries.size).toBe(1);
    await retention.letGo(ended + recordAgeMs + hourMs);
    expect(bus.slaves.entries.size).toBe(0);
  });

  test.each<[string, SlaveRecord, number]>([
    ["of a slave whose number is in the ledger still (H4)", recordAfter(final), 1],
    ["of a slave that lives", recordIn("busy"), 0],
  ])("%s is never purged", async (_, record, grants) => {
    await granted(grants);
    await bus.slaves.create(keys.slave("m", record.name), record);
    await retention.letGo(at + 10 * recordAgeMs);
    expect(bus.slaves.entries.size).toBe(1);
  });

  test("is one of many that are purged some at each tick: launches do not wait for them", async () => {
    for (let number = 1; number <= 120; number += 1) {
      const record = recordAfter(final, { number });
      await bus.slaves.create(keys.slave("m", record.name), record);
    }
    const left: number[] = [];
    for (let ticks = 0; ticks < 3; ticks += 1) {
      await retention.letGo(at + 10 * recordAgeMs + ticks);
      left.push(bus.slaves.entries.size);
    }
    expect(left).toEqual([70, 20, 0]);
  });

  test("is not purged by a process that does not own the master any more", async () => {
    const record = recordAfter(final);
    await bus.slaves.create(keys.slave("m", record.name), record);
    isOwner = false;
    await retention.letGo(at + 10 * recordAgeMs);
    expect(bus.slaves.entries.size).toBe(1);
  });
});
