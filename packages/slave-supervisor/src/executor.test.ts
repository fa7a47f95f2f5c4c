import { KubestackError, type SlaveState } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { manualTiming } from "@kubestack/runtime/testing";
import { type Intent, type IntentType, outstanding, type SlaveEvent, step } from "@kubestack/slave";
import { beforeEach, describe, expect, test } from "vitest";
import { Executor } from "./executor.ts";
import { NodeBudget } from "./node-budget/node-budget.ts";
import type { Slave } from "./roster.ts";
import { recordAfter, recordIn, ways } from "./slave-record.fixture.ts";

type Answer = SlaveEvent | undefined | KubestackError;

let now: number;
let isOwner: boolean;
let executor: Executor;
let nodes: NodeBudget;
/** What was begun, in order; each is answered by the test. */
let begun: { slave: string; intent: Intent; answer: (with_: Answer) => Promise<void> }[];

beforeEach(() => {
  nodes = new NodeBudget({ perSecond: 1, timing: manualTiming(), removesFirst: () => false });
  now = 10_000_000;
  isOwner = true;
  begun = [];
  executor = new Executor({
    log: createLogger({ level: "silent" }),
    now: () => now,
    random: () => 1,
    isOwner: () => isOwner,
    nodes,
    carryOut: (record, intent) => {
      const result = Promise.withResolvers<readonly SlaveEvent[]>();
      begun.push({
        slave: record.name,
        intent,
        answer: async (what) => {
          if (what instanceof KubestackError) result.reject(what);
          else result.resolve(what === undefined ? [] : [what]);
          await settled();
        },
      });
      return result.promise;
    },
    happened: async (slave, events) => {
      for (const event of events) {
        const { state, life } = step(slave.record.state, slave.record.life, event);
        slave.record = { ...slave.record, state, life };
      }
    },
    resume: (slave) => run(slave),
  });
});

/** Time for promises that are settled already. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function slaveOf(record: Slave["record"]): Slave {
  return {
    record,
    revision: 1,
    turn: Promise.resolve(),
    wakeAt: undefined,
    shownOnline: false,
    endedAtRound: undefined,
  };
}

let numbers = 0;
function slaveIn(state: SlaveState): Slave {
  numbers += 1;
  const record = recordIn(state, { number: numbers });
  return slaveOf({ ...record, life: { ...record.life, announced: record.life.trail.length } });
}

/** One whose pod was accepted a moment ago: its node is to be made. */
function unregistered(): Slave {
  numbers += 1;
  return slaveOf(
    recordAfter(
      [
        { type: "pod.accepted", uid: "u" },
        { type: "announced", upTo: 2 },
      ],
      { number: numbers },
    ),
  );
}

/** Asks for everything that is due, as the roster does. */
function run(slave: Slave): void {
  slave.wakeAt = undefined;
  executor.run(slave, outstanding(slave.record.state, slave.record.life));
}

const kinds = (): IntentType[] => begun.map(({ intent }) => intent.type);
const away = new KubestackError("cluster-unavailable", "no answer");

describe("an intent", () => {
  test("is carried out once at a time, however often it is asked for", async () => {
    const slave = slaveIn("requested");
    for (let times = 0; times < 5; times += 1) run(slave);
    await settled();
    expect(kinds()).toEqual(["createPod"]);
  });

  test.each<[string, Answer]>([
    ["is there", { type: "node.registered", at: 0 }],
    ["could not be made", away],
  ])(
    "asks nothing of a node that is just being made, before it %s: the master would say that there is none",
    async (_, answer) => {
      const slave = unregistered();
      run(slave);
      await settled();
      expect(kinds()).toEqual(["registerNode"]);
      const drained = { type: "drain.requested", reason: "not wanted", outcome: "withdrawn", at: now } as const;
      const { state, life } = step(slave.record.state, slave.record.life, drained);
      slave.record = { ...slave.record, state, life: { ...life, announced: life.trail.length } };
      run(slave);
      await settled();
      expect(kinds()).toEqual(["registerNode"]);
      await begun[0]?.answer(answer);
      now += 60_000;
      run(slave);
      await settled();
      expect(kinds().slice(1)).toContain("markOffline");
    },
  );

  test("is not carried out again before what came of it is saved", async () => {
    const slave = slaveIn("requested");
    const saving = Promise.withResolvers<void>();
    const slow = new Executor({
      log: createLogger({ level: "silent" }),
      now: () => now,
      random: () => 1,
      isOwner: () => true,
      nodes,
      carryOut: async (_, intent) => {
        begun.push({ slave: "", intent, answer: async () => undefined });
        return [{ type: "pod.accepted", uid: "u", at: now }];
      },
      happened: () => saving.promise,
      resume: () => undefined,
    });
    const [intent] = outstanding("requested", slave.record.life);
    if (intent === undefined) throw new Error("nothing is due");
    slow.run(slave, [intent]);
    await settled();
    slow.run(slave, [intent]);
    await settled();
    expect(kinds()).toEqual(["createPod"]);
  });

  test("leads to the next one as soon as what came of it is saved", async () => {
    const slave = slaveIn("requested");
    run(slave);
    await settled();
    await begun[0]?.answer({ type: "pod.accepted", uid: "u", at: now });
    expect(kinds().filter((kind) => kind !== "announce")).toEqual(["createPod", "registerNode"]);
  });

  test("that failed is tried again, each time later, and never later than half a minute", async () => {
    const slave = slaveIn("requested");
    const waits: number[] = [];
    for (let tries = 0; tries < 10; tries += 1) {
      run(slave);
      await settled();
      await begun.at(-1)?.answer(away);
      waits.push((slave.wakeAt ?? 0) - now);
      run(slave);
      expect(begun).toHaveLength(tries + 1);
      now = slave.wakeAt ?? 0;
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("that succeeded after failures begins with short waits again", async () => {
    const slave = slaveIn("draining");
    run(slave);
    await settled();
    await begun[0]?.answer(away);
    now = slave.wakeAt ?? 0;
    run(slave);
    await settled();
    await begun[1]?.answer({ type: "looked", beganAt: now, build: "job/a/1/", at: now });
    now += 5000;
    run(slave);
    await settled();
    await begun[2]?.answer(away);
    expect((slave.wakeAt ?? 0) - now).toBe(250);
  });

  test("of a pod's end that was accepted is not sent again while the pod takes its time", async () => {
    const slave = slaveOf(recordAfter([...ways.draining, { type: "announced", upTo: 9 }, { type: "node.removed" }]));
    run(slave);
    await settled();
    expect(kinds()).toEqual(["deletePod"]);
    await begun[0]?.answer(undefined);
    expect((slave.wakeAt ?? 0) - now).toBe(10_000);
    now += 9_999;
    run(slave);
    await settled();
    expect(begun).toHaveLength(1);
    now += 1;
    run(slave);
    await settled();
    expect(begun).toHaveLength(2);
  });

  test("of a look waits until the look is of use", async () => {
    const slave = slaveIn("draining");
    executor.run(slave, [{ type: "look", params: { notBefore: now + 700 } }]);
    await settled();
    expect([begun, (slave.wakeAt ?? 0) - now]).toEqual([[], 700]);
  });

  test("does nothing while this process is not the owner, and is tried again", async () => {
    const slave = slaveIn("requested");
    isOwner = false;
    run(slave);
    await settled();
    expect(begun).toEqual([]);
    expect(slave.wakeAt).toBeGreaterThan(now);
    isOwner = true;
    now = slave.wakeAt ?? 0;
    run(slave);
    await settled();
    expect(kinds()).toEqual(["createPod"]);
  });
});

describe("at one side", () => {
  test("four requests run at once at the master, and thirty-two at the cluster", async () => {
    for (let slaves = 0; slaves < 10; slaves += 1) run(unregistered());
    for (let slaves = 0; slaves < 40; slaves += 1) run(slaveIn("requested"));
    await settled();
    const count = (kind: IntentType) => kinds().filter((one) => one === kind).length;
    expect([count("registerNode"), count("createPod")]).toEqual([4, 32]);
    await begun.find(({ intent }) => intent.type === "registerNode")?.answer(undefined);
    expect(count("registerNode")).toBe(5);
  });

  test("what had to wait is not done any more where the slave has moved on: no node is removed under a build", async () => {
    const others = Array.from({ length: 4 }, unregistered);
    for (const other of others) run(other);
    const slave = slaveOf(
      recordAfter([
        ...ways.draining,
        { type: "announced", upTo: 9 },
        { type: "looked", beganAt: 9_000_000, build: null },
      ]),
    );
    run(slave);
    await settled();
    expect(outstanding("draining", slave.record.life).map(({ type }) => type)).toEqual(["removeNode"]);
    expect(kinds()).toEqual(Array.from({ length: 4 }, () => "registerNode"));
    const spared = step("draining", slave.record.life, { type: "build.started", url: "job/b/1/", at: now });
    slave.record = { ...slave.record, state: spared.state, life: spared.life };
    await begun[0]?.answer(undefined);
    expect(kinds()).not.toContain("removeNode");
  });

  test("what had to wait is done as it is due by then", async () => {
    const slave = slaveIn("online");
    const fresh = recordIn("online", { number: slave.record.number });
    slave.record = fresh;
    const many = Array.from({ length: 32 }, () => slaveOf(recordIn("online")));
    for (const other of many) run(other);
    run(slave);
    const busy = step("online", fresh.life, { type: "build.started", url: "job/a/1/", at: now });
    slave.record = { ...fresh, state: busy.state, life: busy.life };
    await begun[0]?.answer(undefined);
    expect(begun.at(-1)?.intent).toEqual({ type: "announce", params: { from: 0, upTo: 4 } });
  });
});
