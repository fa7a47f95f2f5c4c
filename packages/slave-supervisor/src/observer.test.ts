import { type DemandSource, keys, type SlaveRecord } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeCluster, runningStatus } from "./fake-cluster.fixture.ts";
import type { MasterOptions, MasterScope } from "./master-scope.ts";
import { type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { Observer } from "./observer.ts";
import { Roster, type Slave } from "./roster.ts";
import { recordAfter, recordIn, ways } from "./slave-record.fixture.ts";

let bus: MemoryBus;
let cluster: FakeCluster;
let roster: Roster;
let observer: Observer;
let synced: boolean;
let gets: number;
/** How often what launches need was read anew. */
let prepared: number;

beforeEach(() => {
  bus = memoryBus();
  cluster = new FakeCluster();
  synced = true;
  gets = 0;
  prepared = 0;
  const log = createLogger({ level: "silent" });
  roster = new Roster({
    bus,
    log,
    isOwner: () => true,
    carryOut: () => undefined,
    mayHaveBegun: () => undefined,
    onOvertaken: () => undefined,
    onMoved: () => undefined,
  });
  const { getPod } = cluster.calls;
  cluster.calls.getPod = (namespace, name) => {
    gets += 1;
    return getPod(namespace, name);
  };
  const { source } = cluster;
  const pods = { ...source, status: () => ({ ...source.status(), state: synced ? "synced" : "connecting" }) };
  const attach = {
    prepare: async () => {
      prepared += 1;
    },
  };
  const options = { bus, log, cluster: cluster.cluster, pods, attach, name: "m" } as unknown as MasterOptions;
  observer = new Observer({ options, roster } as unknown as MasterScope);
});

/** A slave whose pod is in the cluster, and one moment for what is applied. */
async function withPod(record: SlaveRecord = recordIn("online")): Promise<Slave> {
  const { uid } = cluster.put({ metadata: { name: record.name } });
  const life = { ...record.life, pod: { ...record.life.pod, uid } };
  return roster.add(await bus.slaves.create(keys.slave("m", record.name), { ...record, life }));
}

async function settled(slave: Slave): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await slave.turn;
}

describe("a master that was started anew", () => {
  const round = (session: string | null) =>
    observer.sawRound({ readAt: bus.time, session, items: [] } as unknown as DemandSource);

  test("has read anew what launches need of it, once for each start that is known", () => {
    for (const session of ["a", "a", null]) round(session);
    expect(prepared).toBe(0);
    for (const session of ["b", "b"]) round(session);
    expect(prepared).toBe(1);
  });
});

describe("a pod that the watch does not show", () => {
  /** Looks at the slave each second. */
  async function watchFor(slave: Slave, seconds: number): Promise<void> {
    for (let second = 0; second <= seconds; second += 1) {
      observer.checkMissing(slave);
      await settled(slave);
      bus.time += 1000;
    }
  }

  test("is asked for by name after ten seconds, and is gone where the cluster says so", async () => {
    const slave = await withPod();
    cluster.vanish(slave.record.name);
    await watchFor(slave, 9);
    expect([gets, slave.record.state]).toEqual([0, "online"]);
    await watchFor(slave, 1);
    expect([gets, slave.record.state, slave.record.life.pod.goneAt !== null]).toEqual([1, "draining", true]);
  });

  test("is there still where only the watch is late", async () => {
    const slave = await withPod();
    const { getPod } = cluster.calls;
    const pod = await getPod("ci", slave.record.name);
    gets = 0;
    cluster.pods.delete(slave.record.name);
    cluster.calls.getPod = async (...of) => {
      await getPod(...of);
      return pod;
    };
    await watchFor(slave, 25);
    expect([gets, slave.record.state]).toEqual([2, "online"]);
  });

  test("is gone though another one has its name now", async () => {
    const slave = await withPod();
    const { name } = slave.record;
    cluster.vanish(name);
    const { getPod } = cluster.calls;
    cluster.calls.getPod = async (...of) => {
      await getPod(...of);
      return { metadata: { name, uid: "another" } };
    };
    await watchFor(slave, 11);
    expect(slave.record.life.pod.goneAt).not.toBeNull();
  });

  test("is no news while the watch is not whole", async () => {
    const slave = await withPod();
    cluster.vanish(slave.record.name);
    synced = false;
    await watchFor(slave, 60);
    expect([gets, slave.record.state]).toEqual([0, "online"]);
  });

  test.each<[string, SlaveRecord]>([
    ["it was never accepted", recordIn("requested")],
    [
      "it is known to be gone",
      recordAfter([
        { type: "pod.accepted", uid: "u" },
        { type: "pod.gone", reason: "gone" },
      ]),
    ],
    ["its slave is over", recordIn("deleted")],
  ])("is not looked for where %s", async (_, record) => {
    const slave = roster.add(await bus.slaves.create(keys.slave("m", record.name), record));
    await watchFor(slave, 60);
    expect(gets).toBe(0);
  });
});

describe("what the watch tells", () => {
  test("of another pod of the name is not the slave's", async () => {
    const slave = await withPod();
    const { name } = slave.record;
    const value = { ...cluster.source.get(name), uid: "another", phase: "Failed" } as never;
    observer.sawPod({ kind: "changed", name, value, previous: undefined });
    observer.sawPod({ kind: "gone", name, value, previous: undefined });
    await settled(slave);
    expect(slave.record.state).toBe("online");
  });

  test("of a pod that is nobody's changes nothing", () => {
    cluster.put({ metadata: { name: "stranger" } });
    const value = cluster.source.get("stranger");
    if (value === undefined) throw new Error("no pod");
    expect(() => observer.sawPod({ kind: "added", name: "stranger", value, previous: undefined })).not.toThrow();
  });

  test("is taken in for all slaves at once, as it stands", async () => {
    const [one, two] = [
      await withPod(recordIn("scheduled", { number: 1 })),
      await withPod(recordIn("online", { number: 2 })),
    ];
    cluster.set(one.record.name, runningStatus);
    cluster.set(two.record.name, { phase: "Failed", reason: "Evicted" });
    observer.catchUpAll();
    await Promise.all([settled(one), settled(two)]);
    expect([one.record.life.pod.waitsOn, two.record.state]).toEqual(["agent", "draining"]);
  });
});

describe("an agent that never came", () => {
  const ended = (exitCode: number) =>
    ({
      phase: exitCode === 0 ? "Succeeded" : "Failed",
      containerStatuses: [{ ...runningStatus.containerStatuses?.[0], state: { terminated: { exitCode, reason: "" } } }],
    }) as never;
  const last = ({ record }: Slave) => record.life.trail.at(-1)?.reason;

  test("whose container ended is told with what its log says, once that is read", async () => {
    const slave = await withPod(recordIn("scheduled"));
    cluster.logs.set(slave.record.name, "start-agent: no Java: neither JAVA_HOME nor PATH has one");
    cluster.set(slave.record.name, ended(12));
    for (let times = 0; times < 3; times += 1) observer.catchUp(slave);
    await settled(slave);
    expect(slave.record.life).toMatchObject({ outcome: "failed", cause: "no-java" });
    expect(last(slave)).toBe(
      "the agent's container ended with code 12: its log says that its image has no Java; use one that has",
    );
    expect(cluster.logsRead).toHaveLength(1);
  });

  test.each<[string, string | undefined]>([
    ["says nothing that is known", "hello"],
    ["cannot be read", undefined],
  ])("and whose log %s is told by its code", async (_, log) => {
    const slave = await withPod(recordIn("scheduled"));
    if (log !== undefined) cluster.logs.set(slave.record.name, log);
    cluster.set(slave.record.name, ended(1));
    observer.catchUp(slave);
    await settled(slave);
    expect([last(slave), slave.record.life.cause]).toEqual(["the agent's container ended with code 1", null]);
  });

  test("is told with its log when its clock has run out", async () => {
    const slave = await withPod(recordIn("scheduled"));
    cluster.set(slave.record.name, runningStatus);
    observer.catchUp(slave);
    await settled(slave);
    cluster.logs.set(slave.record.name, "SEVERE: Agent version 4.13 or newer is required.");
    bus.time += 3 * 60_000;
    const passed = { clock: "connect", reason: "the agent did not connect in time" } as const;
    observer.ranOut(slave, passed);
    await settled(slave);
    expect(slave.record.state).toBe("scheduled");
    observer.ranOut(slave, passed);
    await settled(slave);
    expect(slave.record).toMatchObject({ state: "draining", life: { outcome: "failed", cause: "agent-too-old" } });
    expect(last(slave)).toMatch(/^the agent did not connect in time: its log says that its agent program is too old/);
  });

  /** The state of the container that puts an agent in, while the agent's own waits for it. */
  const injecting = (state: object) =>
    ({
      phase: "Pending",
      initContainerStatuses: [{ ...runningStatus.containerStatuses?.[0], name: "kubestack-agent", state }],
      containerStatuses: [
        { ...runningStatus.containerStatuses?.[0], state: { waiting: { reason: "PodInitializing" } } },
      ],
    }) as never;
  const untold =
    "start-agent: http://ci/jnlpJars/agent.jar cannot be downloaded, tried 20 times: curl: (6) Could not resolve host: ci";

  test("because it could not be put into its image is told by the log of what should have", async () => {
    const slave = await withPod(recordIn("scheduled"));
    cluster.logs.set(slave.record.name, untold);
    cluster.set(slave.record.name, injecting({ terminated: { exitCode: 14, reason: "Error" } }));
    for (let times = 0; times < 2; times += 1) {
      observer.catchUp(slave);
      await settled(slave);
    }
    expect(slave.record.life).toMatchObject({ outcome: "failed", cause: "unknown-host" });
    expect(last(slave)).toBe(
      "the agent could not be put into its image: init container kubestack-agent failed with code 14: its log says that no address is known of ci; give an agentUrl that pods can resolve",
    );
    expect(cluster.logsRead).toMatchObject([{ container: "kubestack-agent" }]);
  });

  test("is told with that log, too, when the time for its start has run out meanwhile", async () => {
    const slave = await withPod(recordIn("scheduled"));
    cluster.set(slave.record.name, injecting({ running: { startedAt: new Date(0) } }));
    observer.catchUp(slave);
    await settled(slave);
    cluster.logs.set(slave.record.name, untold);
    bus.time += 6 * 60_000;
    const passed = { clock: "start", reason: "its containers did not start in time" } as const;
    for (let times = 0; times < 2; times += 1) {
      observer.ranOut(slave, passed);
      await settled(slave);
    }
    expect(last(slave)).toMatch(/^its containers did not start in time: its log says that no address is known of ci/);
    expect(slave.record).toMatchObject({ state: "draining", life: { cause: "unknown-host" } });
  });

  test.each<[string, SlaveRecord, object]>([
    ["was there and has gone since", recordIn("online"), ended(1)],
    ["runs its build", recordIn("busy"), ended(1)],
    ["was evicted", recordIn("scheduled"), { phase: "Failed", reason: "Evicted" }],
  ])("is nobody who %s: no log is read", async (_, record, status) => {
    const slave = await withPod(record);
    cluster.set(slave.record.name, status);
    observer.catchUp(slave);
    await settled(slave);
    expect([slave.record.state, cluster.logsRead]).toEqual(["draining", []]);
  });
});

describe("a round of a master that was started anew", () => {
  const minuteMs = 60_000;
  const round = (readAt: number, session: string | null, wanted?: string): DemandSource => {
    const wants = { kind: "expression", expression: `"${wanted}"` } as const;
    const item = {
      id: "9",
      job: "b",
      url: "job/b/2/",
      wants,
      labelOrigin: "why",
      waitingSince: null,
      why: "",
    } as const;
    const when = { term: 1, round: 1, readAt, queueReadAt: readAt };
    const items = wanted === undefined ? [] : [item];
    const name = restarted().name;
    const facts = { online: true, markedOffline: false, idle: true, executors: 1, labels: null, builds: [] };
    const computers = [{ name, ...facts }];
    return { name: "jenkins-queue", state: "ok", quietingDown: false, session, items, computers, ...when };
  };
  const restarted = () =>
    recordAfter([...ways.online, { type: "session.seen", session: "one" }, { type: "session.seen", session: "two" }]);

  /** Since when it was not sure, before and after a round that began so long after that. */
  async function sureAfter(afterMs: number, session: string | null, wantsIt = false): Promise<boolean> {
    const slave = await withPod(restarted());
    const since = slave.record.life.unsureSince ?? 0;
    expect(since).toBeGreaterThan(0);
    observer.sawRound(round(since + afterMs, session, wantsIt ? slave.record.name : "python"));
    await settled(slave);
    return slave.record.life.unsureSince === null;
  }

  test.each<[string, boolean, number, string | null, boolean?]>([
    ["settles that nothing waits for a slave, a minute after it was noticed", true, minuteMs, "two"],
    ["settles nothing before: pipelines may not be loaded yet", false, minuteMs - 1, "two"],
    ["settles nothing where an item wants the slave", false, minuteMs, "two", true],
    ["settles nothing where it does not tell its start", false, minuteMs, null],
  ])("%s", async (_, expected, afterMs, session, wantsIt) => {
    expect(await sureAfter(afterMs, session, wantsIt)).toBe(expected);
  });
});
