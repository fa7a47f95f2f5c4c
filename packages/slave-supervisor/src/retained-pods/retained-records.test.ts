import { KubestackError, keys, type SlaveRecord } from "@kubestack/contracts";
import type { ObjectSource, PodObservation } from "@kubestack/kubernetes";
import { beforeEach, describe, expect, test } from "vitest";
import type { MasterOptions, MasterScope } from "../master-scope.ts";
import { type MemoryBus, memoryBus } from "../memory-bus.fixture.ts";
import { recordAfter, ways } from "../slave-record.fixture.ts";
import { RetainedRecords } from "./retained-records.ts";

const retained = { at: 1_500_000, until: 5_100_000, because: "it failed" };
const now = 2_000_000;

let bus: MemoryBus;
let records: RetainedRecords;
let pods: Set<string>;
let state: string;
let isTrusted: boolean;
let isOwner: boolean;

beforeEach(() => {
  bus = memoryBus();
  pods = new Set();
  [state, isTrusted, isOwner] = ["synced", true, true];
  const source = {
    get: (name: string) => (pods.has(name) ? { name } : undefined),
    status: () => ({ state }),
  } as unknown as ObjectSource<PodObservation>;
  records = new RetainedRecords({
    options: { bus, name: "m", pods: source } as unknown as MasterOptions,
    isOwner: () => isOwner,
    isTrusted: () => isTrusted,
  } as MasterScope);
});

/** The record of a slave that is over, as it is in the store. */
async function kept(number = 1, of: SlaveRecord["life"]["pod"]["retained"] = retained): Promise<SlaveRecord> {
  const { life, ...rest } = recordAfter(ways.deleted, { number });
  const record = { ...rest, life: { ...life, pod: { ...life.pod, goneAt: null, retained: of } } };
  await bus.slaves.create(keys.slave("m", record.name), record);
  return record;
}

/** What its record says of the pod by now. */
async function told({ name }: SlaveRecord): Promise<Pick<SlaveRecord["life"]["pod"], "retained" | "goneAt">> {
  const entry = await bus.slaves.get(keys.slave("m", name));
  const { retained: until, goneAt } = entry?.value.life.pod ?? expect.fail();
  return { retained: until, goneAt };
}

const stays = { retained, goneAt: null };
const over = { retained: null, goneAt: now };

describe("the record of a slave whose pod is kept", () => {
  test("says so while the pod is there, and that it is gone at the first look at which it is not", async () => {
    const record = await kept();
    pods.add(record.name);
    records.note(record);
    await records.settle(now - 5_000);
    expect(await told(record)).toEqual(stays);
    pods.clear();
    await records.settle(now - 1);
    expect(await told(record)).toEqual(stays);
    await records.settle(now);
    expect(await told(record)).toEqual(over);
  });

  test("is not touched where another one's pod is gone", async () => {
    const [gone, there] = [await kept(1), await kept(2)];
    pods.add(there.name);
    for (const record of [gone, there]) records.note(record);
    await records.settle(now);
    expect([await told(gone), await told(there)]).toEqual([over, stays]);
  });

  test.each<[string, () => void]>([
    ["before all pods are known", () => (state = "syncing")],
    ["before the ledger was compared with what is there", () => (isTrusted = false)],
  ])("says nothing new %s, and is settled at the first look after", async (_, meanwhile) => {
    const record = await kept();
    records.note(record);
    meanwhile();
    await records.settle(now - 1);
    expect(await told(record)).toEqual(stays);
    [state, isTrusted] = ["synced", true];
    await records.settle(now);
    expect(await told(record)).toEqual(over);
  });

  test("is the next owner's, who notes it again, where the master was lost meanwhile", async () => {
    const record = await kept();
    records.note(record);
    isOwner = false;
    await records.settle(now - 5_000);
    expect(await told(record)).toEqual(stays);
    isOwner = true;
    records.note(record);
    await records.settle(now);
    expect(await told(record)).toEqual(over);
  });

  test("that had its day meanwhile, or that somebody else wrote, is let be", async () => {
    const [purged, written] = [await kept(1), await kept(2)];
    for (const record of [purged, written]) records.note(record);
    const key = keys.slave("m", purged.name);
    await bus.slaves.remove(key, (await bus.slaves.get(key))?.revision ?? expect.fail());
    const { update } = bus.slaves;
    const refusing = { ...bus.slaves, update: () => Promise.reject(new KubestackError("stale-revision", "overtaken")) };
    Object.assign(bus.slaves, { update: refusing.update });
    await expect(records.settle(now)).resolves.toBeUndefined();
    Object.assign(bus.slaves, { update });
    expect(await told(written)).toEqual(stays);
  });
});

test("a record of a slave that lives, or whose pod is not kept, is not asked for", async () => {
  const record = await kept(1, null);
  records.note(record);
  records.note(recordAfter(ways.busy, { number: 2 }));
  Object.assign(bus.slaves, { get: () => expect.fail() });
  await records.settle(now);
});
