import { keys, type SlaveState } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { drain } from "./drain.ts";
import { hold, release } from "./hold.ts";
import type { MasterOptions, MasterScope } from "./master-scope.ts";
import { busAway, type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { Roster, type Slave } from "./roster.ts";
import { recordIn } from "./slave-record.fixture.ts";

const hourMs = 3_600_000;

let bus: MemoryBus;
let roster: Roster;
let isOwner: boolean;
let scope: MasterScope;

beforeEach(() => {
  bus = memoryBus();
  isOwner = true;
  const log = createLogger({ level: "silent" });
  roster = new Roster({
    bus,
    log,
    isOwner: () => isOwner,
    carryOut: () => undefined,
    mayHaveBegun: () => undefined,
    onOvertaken: () => undefined,
    onMoved: () => undefined,
  });
  const options = { bus, log, name: "m", maxHoldMs: 24 * hourMs } as unknown as MasterOptions;
  scope = { options, roster, isOwner: () => isOwner } as unknown as MasterScope;
});

async function slaveIn(state: SlaveState): Promise<Slave> {
  const record = recordIn(state);
  return roster.add(await bus.slaves.create(keys.slave("m", record.name), record));
}

const asked = (slave: string, change: object = {}) => ({
  master: "m",
  slave,
  by: "ann",
  reason: "flaky",
  forMs: 2 * hourMs,
  ...change,
});
const told = () => bus.published.map(({ data }) => data as { event: string; slave: string; reason: string });

describe("a slave that somebody wants to look into", () => {
  test.each<[SlaveState, SlaveState]>([
    ["scheduled", "draining"],
    ["online", "draining"],
    ["busy", "busy"],
    ["draining", "draining"],
  ])("that is %s is held: it is %s, that is saved, and who listens is told", async (state, after) => {
    const { record } = await slaveIn(state);
    const until = bus.time + 2 * hourMs;
    const held = { by: "ann", reason: "flaky", at: bus.time, until };
    expect(await hold(scope, asked(record.name))).toEqual({ slave: record.name, state: after, held });
    expect((await bus.slaves.get(keys.slave("m", record.name)))?.value.life.held).toEqual(held);
    expect(told()).toMatchObject([{ event: "slave-held", slave: record.name }]);
    expect(told()[0]?.reason).toMatch(/ is held by ann until .* UTC: flaky$/);
  });

  test("can't be held for longer than is allowed, without a pod, or where it is over or nowhere", async () => {
    const { record } = await slaveIn("busy");
    const refused = (change: object) => hold(scope, { ...asked(record.name), ...change });
    await expect(refused({ forMs: 25 * hourMs })).rejects.toMatchObject({
      code: "already-exists",
      message: "A slave is held for 24h at most (limits.maxHold), not 25h; hold it again before that is over.",
    });
    await expect(refused({ slave: "ks-m-none" })).rejects.toMatchObject({ code: "not-found" });
    isOwner = false;
    await expect(refused({})).rejects.toMatchObject({ code: "not-owner" });
    expect([roster.get(record.name)?.record.life.held, told()]).toEqual([null, []]);
  });

  test("is told to have no pod yet", async () => {
    const { record } = await slaveIn("requested");
    await expect(hold(scope, asked(record.name))).rejects.toThrow(`${record.name} has no pod yet`);
  });

  test("is not said to be held where that was not saved", async () => {
    const { record } = await slaveIn("busy");
    bus.slaves.failNext = { error: busAway, written: false };
    await expect(hold(scope, asked(record.name))).rejects.toMatchObject({ code: "bus-unavailable" });
    expect(told()).toEqual([]);
  });
});

describe("a slave that is held", () => {
  test("is released once, and that is told", async () => {
    const { record } = await slaveIn("online");
    const by = { master: "m", slave: record.name, by: "bob", reason: "" };
    await expect(release(scope, by)).rejects.toMatchObject({ code: "not-found" });
    await hold(scope, asked(record.name));
    expect(await release(scope, by)).toEqual({ slave: record.name, state: "draining" });
    expect(told().at(-1)).toMatchObject({ event: "slave-released", reason: `${record.name} is released by bob` });
    await expect(release(scope, by)).rejects.toThrow("is not held");
  });

  test("is let go by who drains it", async () => {
    const { record } = await slaveIn("busy");
    await hold(scope, asked(record.name));
    const reason = "drained by bob";
    expect(await drain(scope, { slave: record.name, reason })).toEqual({ slave: record.name, state: "busy" });
    expect(roster.get(record.name)?.record.life).toMatchObject({ held: null, goesAfterBuild: true });
  });
});
