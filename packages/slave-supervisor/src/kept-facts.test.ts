import type { Kept } from "@kubestack/bus";
import { type Completion, keys, type SlaveRecord } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { outstanding } from "@kubestack/slave";
import { expect, test } from "vitest";
import { KeptFacts } from "./kept-facts.ts";
import type { MasterOptions, MasterScope } from "./master-scope.ts";
import { memoryBus } from "./memory-bus.fixture.ts";
import { Roster } from "./roster.ts";
import { recordAfter, recordIn, ways } from "./slave-record.fixture.ts";

type Told = readonly [phase: "started" | "finished", url: string];

/** What becomes of a slave whose supervisor reads again what was told of its node. */
async function afterReading(record: SlaveRecord, ...told: readonly Told[]) {
  const bus = memoryBus();
  const log = createLogger({ level: "silent" });
  const roster = new Roster({
    bus,
    log,
    isOwner: () => true,
    carryOut: () => undefined,
    mayHaveBegun: () => undefined,
    onOvertaken: () => undefined,
    onMoved: () => undefined,
  });
  const slave = roster.add(await bus.slaves.create(keys.slave("m", record.name), record));
  const kept = told.map(([phase, url], at) => ({
    data: { master: "m", phase, listener: "l", node: record.name, build: { url, number: 1 }, result: null, at },
  }));
  const history = async () => kept as unknown as Kept<Completion>[];
  const options = { bus: { ...bus, history }, name: "m", log } as unknown as MasterOptions;
  await new KeptFacts({ options, roster } as unknown as MasterScope).catchUp();
  const { state, life } = slave.record;
  const { current, awaited, ran } = life.builds;
  const due = outstanding(state, life).map(({ type }) => type);
  return { state, current, awaited, ran, due: due.filter((type) => type !== "announce") };
}

test.each(["scheduled", "online"] as const)("a build that is told to be over retires a %s slave", async (state) => {
  const told = [
    ["started", "job/a/1/"],
    ["finished", "job/a/1/"],
  ] as const;
  expect(await afterReading(recordIn(state), ...told)).toMatchObject({ state: "draining", ran: 1, awaited: [] });
});

test.each(["scheduled", "online"] as const)(
  "a build that is told to have begun, and not to be over, is awaited on a %s slave: its master may have been started anew since",
  async (state) => {
    expect(await afterReading(recordIn(state), ["started", "job/a/1/"])).toEqual({
      state: "busy",
      current: null,
      awaited: ["job/a/1/"],
      ran: 0,
      due: ["bringOnline", "askBuilds"],
    });
  },
);

test("one that began after another one keeps its slave, in whatever order they were told", async () => {
  const [begun, next, over] = [
    ["started", "job/a/1/"],
    ["started", "job/b/7/"],
    ["finished", "job/a/1/"],
  ] as const;
  for (const told of [
    [begun, next, over],
    [begun, over, next],
  ])
    expect(await afterReading(recordIn("scheduled"), ...told)).toMatchObject({
      state: "busy",
      awaited: ["job/b/7/"],
      ran: 1,
    });
});

test("a slave that was to be withdrawn is called back for a build that nobody saw begin there", async () => {
  const leaving = recordAfter([
    ...ways.online,
    { type: "drain.requested", reason: "no waiting build needs it", outcome: "withdrawn" },
  ]);
  expect(await afterReading(leaving, ["started", "job/a/1/"])).toMatchObject({ state: "busy", awaited: ["job/a/1/"] });
});

test("what is told again of a slave that is known to have run something is an old story", async () => {
  const told = ["started", "job/a/0/"] as const;
  expect(await afterReading(recordIn("busy"), told)).toMatchObject({ state: "busy", awaited: [] });
  expect(await afterReading(recordIn("draining"), told)).toMatchObject({ state: "draining", awaited: [] });
});
