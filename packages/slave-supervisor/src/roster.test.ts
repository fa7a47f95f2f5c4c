import { createLogger } from "@kubestack/runtime";
import type { Intent } from "@kubestack/slave";
import { beforeEach, describe, expect, test } from "vitest";
import { busAway, type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { Roster, type Slave } from "./roster.ts";
import { recordIn } from "./slave-record.fixture.ts";

let bus: MemoryBus;
let roster: Roster;
let isOwner: boolean;
let carried: { name: string; intents: string[]; savedState: string | undefined }[];
let overtaken: string[];
let moved: string[];

beforeEach(() => {
  bus = memoryBus();
  isOwner = true;
  carried = [];
  overtaken = [];
  moved = [];
  roster = new Roster({
    bus,
    log: createLogger({ level: "silent" }),
    isOwner: () => isOwner,
    carryOut: (slave: Slave, intents: readonly Intent[]) =>
      carried.push({
        name: slave.record.name,
        intents: intents.map(({ type }) => type),
        savedState: bus.slaves.entries.get(`m.${slave.record.name}`)?.value.state,
      }),
    mayHaveBegun: () => ({ term: 1, round: 8 }),
    onOvertaken: (reason) => overtaken.push(reason),
    onMoved: (slave) => moved.push(slave.record.state),
  });
});

const at = 3_000_000;

let numbers = 0;
async function saved(state: Parameters<typeof recordIn>[0]): Promise<Slave> {
  numbers += 1;
  const record = recordIn(state, { number: numbers });
  return roster.add(await bus.slaves.create(`m.${record.name}`, record));
}

describe("a change", () => {
  test("is saved before it is carried out", async () => {
    const slave = await saved("requested");
    await roster.apply(slave, () => [{ type: "pod.accepted", uid: "u", at }]);
    expect(slave.record.state).toBe("scheduled");
    expect(carried.at(-1)).toEqual({
      name: slave.record.name,
      intents: ["announce", "registerNode"],
      savedState: "scheduled",
    });
    expect(moved).toEqual(["scheduled"]);
  });

  test("is one after the other, each decided from what the one before left", async () => {
    const slave = await saved("scheduled");
    const seen: string[] = [];
    const tell = (type: "agent.online" | "resume") =>
      roster.apply(slave, (record) => {
        seen.push(record.state);
        return [{ type, at }];
      });
    await Promise.all([tell("resume"), tell("agent.online"), tell("resume")]);
    expect(seen).toEqual(["scheduled", "scheduled", "online"]);
    expect(bus.slaves.entries.get(`m.${slave.record.name}`)?.value).toEqual(slave.record);
  });

  test("that changes nothing is not saved, and is counted", async () => {
    const slave = await saved("online");
    const { revision } = slave;
    await roster.apply(slave, () => [{ type: "agent.online", at }]);
    expect([slave.revision, roster.lateEvents, moved]).toEqual([revision, 1, []]);
  });

  test("that NATS did not take changes nothing in memory, and what is due is asked for again in a second", async () => {
    const slave = await saved("requested");
    bus.slaves.failNext = { error: busAway, written: false };
    await roster.apply(slave, () => [{ type: "pod.accepted", uid: "u", at }]);
    expect([slave.record.state, slave.wakeAt, overtaken]).toEqual(["requested", bus.time + 1000, []]);
    await roster.apply(slave, () => [{ type: "pod.accepted", uid: "u", at }]);
    expect(slave.record.state).toBe("scheduled");
  });

  test("of a record that another process changed is given up, and told", async () => {
    const slave = await saved("requested");
    const key = `m.${slave.record.name}`;
    await bus.slaves.update({ key, value: slave.record, revision: slave.revision }, recordIn("scheduled"));
    await roster.apply(slave, () => [{ type: "pod.accepted", uid: "u", at }]);
    expect(overtaken).toEqual([`the record of ${slave.record.name} was changed by another process`]);
    expect(carried).toEqual([]);
    expect(bus.slaves.entries.get(key)?.value.life.pod.uid).toBe("uid-1");
  });

  test("is none while this process is not the owner", async () => {
    const slave = await saved("requested");
    isOwner = false;
    await roster.apply(slave, () => [{ type: "pod.accepted", uid: "u", at }]);
    expect([slave.record.state, carried]).toEqual(["requested", []]);
  });

  test("of a slave that was taken over anew is the past", async () => {
    const before = await saved("requested");
    const key = `m.${before.record.name}`;
    roster.clear();
    const found = await bus.slaves.get(key);
    if (found === undefined) throw new Error("not saved");
    const anew = roster.add(found);
    await roster.apply(before, () => [{ type: "pod.accepted", uid: "u", at }]);
    expect(bus.slaves.entries.get(key)?.value.state).toBe("requested");
    await roster.apply(anew, () => [{ type: "pod.accepted", uid: "u", at }]);
    expect([anew.record.state, overtaken]).toEqual(["scheduled", []]);
  });
});

describe("the end of a slave", () => {
  test("is remembered with the youngest round that may have begun before it; one that was spared has none", async () => {
    const slave = await saved("online");
    await roster.apply(slave, () => [{ type: "drain.requested", reason: "", outcome: "withdrawn", at }]);
    expect(slave.endedAtRound).toEqual({ term: 1, round: 8 });
    await roster.apply(slave, () => [{ type: "build.started", url: "job/x/1/", at }]);
    expect([slave.record.state, slave.endedAtRound]).toEqual(["busy", undefined]);
  });

  test("that an earlier process saw is older than any round", async () => {
    expect((await saved("draining")).endedAtRound).toEqual({ term: 0, round: 0 });
    expect((await saved("online")).endedAtRound).toBeUndefined();
  });
});

test("a slave taken over counts as shown online if it ever was", async () => {
  expect([(await saved("scheduled")).shownOnline, (await saved("busy")).shownOnline]).toEqual([false, true]);
});
