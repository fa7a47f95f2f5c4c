import { KubestackError, type SlaveEventMessage, type SlaveRecord } from "@kubestack/contracts";
import type { V1Pod } from "@kubestack/kubernetes";
import { type Intent, outstanding, type SlaveEvent } from "@kubestack/slave";
import { beforeEach, describe, expect, test } from "vitest";
import type { AttachTarget } from "./attach/attach-mode.ts";
import { carryOut, type EffectTools } from "./effects.ts";
import { FakeAttach } from "./fake-attach.fixture.ts";
import { FakeCluster } from "./fake-cluster.fixture.ts";
import { type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { recordAfter, recordIn, type Told, template, ways } from "./slave-record.fixture.ts";

let bus: MemoryBus;
let cluster: FakeCluster;
let attach: FakeAttach;
let tools: EffectTools;
let templates: ReturnType<typeof template>[];

beforeEach(() => {
  bus = memoryBus();
  cluster = new FakeCluster();
  attach = new FakeAttach();
  templates = [template()];
  tools = {
    bus,
    cluster: cluster.cluster,
    attach: attach.mode,
    target: {} as AttachTarget,
    template: (name) => templates.find((one) => one.name === name),
    templatesAreWhole: () => true,
    mayHaveNewPod: () => true,
    mayComeBack: () => true,
    masterIsKnown: () => true,
    knownSession: () => "one",
    describe: ({ name }) => `the slave ${name}`,
  };
});

const none = {} as Record<string, never>;
/** What happened, of an intent that one thing comes of at most. */
async function happened(slave: SlaveRecord, intent: Intent, with_ = tools): Promise<SlaveEvent | undefined> {
  const events = await carryOut(slave, intent, with_);
  expect(events.length).toBeLessThan(2);
  return events[0];
}
const did = (slave: SlaveRecord, type: Exclude<Intent["type"], "announce" | "look" | "askBuilds" | "retainPod">) =>
  happened(slave, { type, params: none });
const refusal = (code: "cluster-refused" | "quota-exceeded", message: string) =>
  new KubestackError(code, message, { retry: "never" });

describe("creating the pod", () => {
  test("tells its uid, and the pod bears the slave's marks", async () => {
    const slave = recordIn("requested");
    expect(await did(slave, "createPod")).toEqual({ type: "pod.accepted", uid: "uid-1", at: bus.time });
    expect(cluster.pods.get(slave.name)?.metadata?.annotations).toMatchObject({
      "kubestack.io/nonce": slave.nonce,
      "kubestack.io/epoch": "abcd",
      "kubestack.io/number": "1",
    });
  });

  test("once more is once: the pod of an earlier try is taken, and no second one is made", async () => {
    const slave = recordIn("requested");
    await did(slave, "createPod");
    expect(await did(slave, "createPod")).toEqual({ type: "pod.accepted", uid: "uid-1", at: bus.time });
    expect(cluster.created).toEqual([slave.name]);
  });

  test.each<[string, Partial<SlaveRecord>]>([
    ["another nonce", { nonce: "other" }],
    ["another installation", { install: "other" }],
    ["another epoch", { epoch: "wxyz" }],
    ["another number", { number: 2 }],
  ])("is refused where a pod of its name has %s", async (_, changed) => {
    const slave = recordIn("requested");
    await did({ ...slave, ...changed, name: slave.name }, "createPod");
    expect(await did(slave, "createPod")).toEqual({
      type: "pod.refused",
      reason: `another pod has the name ${slave.name}`,
      failure: "name-taken",
      at: bus.time,
    });
    expect(cluster.created).toHaveLength(1);
  });

  test("is refused where its own pod is being deleted already", async () => {
    const slave = recordIn("requested");
    await did(slave, "createPod");
    cluster.podsLinger = true;
    await cluster.calls.deletePod("ci", slave.name);
    expect(await did(slave, "createPod")).toMatchObject({ type: "pod.refused" });
  });

  test.each([
    ["its spec", refusal("cluster-refused", "pods is forbidden: violates PodSecurity"), "admission-refused"],
    ["for the quota", refusal("quota-exceeded", "exceeded quota: agents"), "quota-full"],
  ])("is over at once where the cluster refuses it, %s", async (_, error, failure) => {
    cluster.refusal = error;
    expect(await did(recordIn("requested"), "createPod")).toEqual({
      type: "pod.refused",
      reason: error.message,
      failure,
      at: bus.time,
    });
  });

  test("waits half a minute for its namespace; but for nothing that only its master does not have", async () => {
    const error = new KubestackError("not-found", 'Cannot create pods a: namespaces "ci" not found', {
      retry: "never",
    });
    const slave = recordIn("requested");
    const tries = async (afterMs: number, refused: KubestackError) => {
      bus.time = (slave.life.trail[0]?.at ?? 0) + afterMs;
      cluster.refusal = refused;
      return did(slave, "createPod").catch((thrown: unknown) => thrown);
    };
    expect(await tries(29_000, error)).toBe(error);
    expect(await tries(31_000, error)).toMatchObject({ type: "pod.refused", failure: "no-namespace" });
    const other = new KubestackError("not-found", "Master m has nothing there: it was asked for its agent's page.", {
      retry: "never",
    });
    expect(await tries(31_000, other)).toBe(other);
  });

  test("is over at once where the master leaves its agent no way", async () => {
    const error = new KubestackError("master-refused", "Master m takes no agents", { retry: "never" });
    tools = { ...tools, attach: { ...attach.mode, agentPart: () => Promise.reject(error) } };
    expect(await did(recordIn("requested"), "createPod")).toMatchObject({ type: "pod.refused", reason: error.message });
    expect(cluster.created).toEqual([]);
  });

  test("is tried again where a right is missing, as it seems to be while an API server starts; one that stays missing ends it", async () => {
    const error = new KubestackError("cluster-refused", "pods is forbidden: User x cannot create", {
      retry: "backoff",
    });
    cluster.refusal = error;
    const slave = recordIn("requested");
    const bornAt = slave.life.trail[0]?.at ?? 0;
    bus.time = bornAt + 29_000;
    await expect(did(slave, "createPod")).rejects.toBe(error);
    bus.time = bornAt + 31_000;
    cluster.refusal = error;
    expect(await did(slave, "createPod")).toMatchObject({ type: "pod.refused", reason: error.message });
  });

  test("is tried again where the cluster does not answer", async () => {
    cluster.refusal = new KubestackError("cluster-unavailable", "no answer");
    await expect(did(recordIn("requested"), "createPod")).rejects.toThrow("no answer");
  });

  test("is refused where its template is not configured any more", async () => {
    templates = [];
    expect(await did(recordIn("requested"), "createPod")).toMatchObject({
      type: "pod.refused",
      reason: "template python is not configured any more",
    });
    expect(cluster.created).toEqual([]);
  });
});

describe("preparing the agent", () => {
  test("makes node and Secret; the Secret is owned by the pod and is the one place of the secret (H27)", async () => {
    const slave = recordAfter([{ type: "pod.accepted", uid: "uid-9" }]);
    expect(await did(slave, "registerNode")).toEqual({ type: "node.registered", session: "one", at: bus.time });
    expect(await did(slave, "createSecret")).toEqual({ type: "secret.created", at: bus.time });
    const secret = cluster.secrets.get(slave.name);
    expect(secret?.metadata?.ownerReferences?.[0]).toMatchObject({ kind: "Pod", name: slave.name, uid: "uid-9" });
    expect(secret?.stringData).toEqual({ secret: `secret of ${slave.name}` });
  });

  test("has its master looked at, since a build may come in the moment the agent connects; nobody need answer", async () => {
    const slave = recordAfter([{ type: "pod.accepted", uid: "uid-9" }]);
    await did(slave, "registerNode");
    expect(bus.asked).toEqual([]);
    expect(await did(slave, "createSecret")).toMatchObject({ type: "secret.created" });
    const request = { master: slave.master, nodes: [slave.name], until: "seen" };
    expect(bus.asked).toEqual([{ name: "demand-collector look", request }]);
  });

  test("twice is once", async () => {
    const slave = recordAfter([{ type: "pod.accepted", uid: "uid-9" }]);
    for (let times = 0; times < 2; times += 1) {
      await did(slave, "registerNode");
      await did(slave, "createSecret");
    }
    expect([attach.nodes.size, cluster.secrets.size]).toEqual([1, 1]);
  });

  test("is of the folder and the kind that it was launched with, though its template is another, or no more (H16)", async () => {
    const shapes: unknown[] = [];
    const register: typeof attach.mode.register = async (_slave, _target, { workDir, unlabelled }) =>
      void shapes.push([workDir, unlabelled]);
    const spying = { ...tools, attach: { ...attach.mode, register } };
    const made = recordAfter([{ type: "pod.accepted", uid: "uid-9" }], { workDir: "/old", unlabelled: true });
    const older = recordAfter([{ type: "pod.accepted", uid: "uid-9" }]);
    const intent = { type: "registerNode", params: none } as const;
    templates = [template({ workDir: "/new" })];
    for (const slave of [made, older]) await happened(slave, intent, spying);
    templates = [];
    await happened(made, intent, spying);
    expect(shapes).toEqual([
      ["/old", true],
      ["/new", false],
      ["/old", true],
    ]);
  });

  test("is over where the master refuses the node for good, and tried again where it may change its mind", async () => {
    const slave = recordAfter([{ type: "pod.accepted", uid: "uid-9" }]);
    attach.failure = new KubestackError("master-refused", "no such mode", { retry: "never" });
    expect(await did(slave, "registerNode")).toEqual({
      type: "node.refused",
      reason: "no such mode",
      failure: "node-invalid",
      at: bus.time,
    });
    attach.failure = new KubestackError("master-refused", "busy");
    await expect(did(slave, "registerNode")).rejects.toThrow("busy");
    attach.failure = new KubestackError("master-unavailable", "no answer", { retry: "never" });
    await expect(did(slave, "registerNode")).rejects.toThrow("no answer");
  });

  test("is over after half a minute where a right at the master is missing, if the master is known to work", async () => {
    const slave = recordAfter([{ type: "pod.accepted", uid: "uid-9" }]);
    const error = new KubestackError("credential-refused", "grant it Agent/Create", { retry: { afterMs: 60_000 } });
    attach.failure = error;
    const tries = async (afterMs: number, masterIsKnown: boolean) => {
      bus.time = (slave.life.pod.acceptedAt ?? 0) + afterMs;
      tools = { ...tools, masterIsKnown: () => masterIsKnown };
      return did(slave, "registerNode").catch((thrown: unknown) => thrown);
    };
    expect(await tries(29_000, true)).toBe(error);
    expect(await tries(31_000, false)).toBe(error);
    expect(await tries(31_000, true)).toMatchObject({ type: "node.refused", failure: "master-refused" });
  });
});

describe("a look", () => {
  const look = (slave: SlaveRecord) => happened(slave, { type: "look", params: { notBefore: 0 } });

  test.each<[string, { build: string | null; online?: boolean }, string | null]>([
    ["idle", { build: null }, null],
    ["running a build", { build: "job/a/1/" }, "job/a/1/"],
    ["running a build that is hidden from us", { build: "" }, "a build that is hidden from us"],
  ])("shows it %s", async (_, { build }, told) => {
    const slave = recordIn("draining");
    attach.nodes.set(slave.name, { labels: [], online: true, marked: true, build });
    const expected = { type: "looked", beganAt: bus.time, build: told, at: bus.time };
    expect(await look(slave)).toEqual(expected);
  });

  test("shows work beside its executors as a build", async () => {
    const slave = recordIn("draining");
    tools = {
      ...tools,
      attach: {
        ...attach.mode,
        look: async () => ({ computer: { ...shownIdle(slave.name), idle: false }, session: null }),
      },
    };
    expect(await look(slave)).toMatchObject({ build: "a build that is hidden from us" });
  });

  test("began before it was asked for, not when it was answered", async () => {
    const slave = recordIn("draining");
    const began = bus.time;
    tools = {
      ...tools,
      attach: {
        ...attach.mode,
        look: async () => {
          bus.time += 5000;
          return { computer: shownIdle(slave.name), session: null };
        },
      },
    };
    expect(await look(slave)).toMatchObject({ beganAt: began, at: began + 5000 });
  });

  test("at a node that is gone says so", async () => {
    expect(await look(recordIn("draining"))).toEqual({ type: "node.missing", at: bus.time });
  });

  const shownIdle = (name: string) => ({
    name,
    online: false,
    markedOffline: true,
    idle: true,
    executors: 1,
    labels: null,
    builds: [],
  });
});

describe("taking out of service", () => {
  test("marks the node, or says that there is none", async () => {
    const slave = recordIn("busy");
    attach.nodes.set(slave.name, { labels: [], online: true, marked: false, build: "job/a/1/" });
    expect(await did(slave, "markOffline")).toEqual({ type: "offline.marked", at: bus.time });
    expect(attach.nodes.get(slave.name)?.marked).toBe(true);
    await did(slave, "removeNode");
    expect(await did(slave, "markOffline")).toEqual({ type: "node.missing", at: bus.time });
    expect(await did(slave, "removeNode")).toEqual({ type: "node.removed", at: bus.time });
  });
});

describe("deleting the pod", () => {
  async function withPod(events: readonly Told[]): Promise<SlaveRecord> {
    const born = recordIn("requested");
    await did(born, "createPod");
    return recordAfter([{ type: "pod.accepted", uid: "uid-1" }, ...events]);
  }

  test("is not over when it is accepted: the watch or the next try tells that it is gone", async () => {
    const slave = await withPod([]);
    cluster.podsLinger = true;
    expect(await did(slave, "deletePod")).toBeUndefined();
    expect(await did(slave, "deletePod")).toBeUndefined();
    cluster.finish(slave.name);
    expect(await did(slave, "deletePod")).toEqual({ type: "pod.gone", reason: "the pod is gone", at: bus.time });
  });

  test("never touches another pod of the name: its own is gone", async () => {
    const slave = await withPod([]);
    cluster.vanish(slave.name);
    cluster.put({ metadata: { name: slave.name } });
    expect(await did(slave, "deletePod")).toMatchObject({ type: "pod.gone" });
    expect(cluster.pods.has(slave.name)).toBe(true);
  });

  test("of a slave whose create was never answered finds it by its marks, and does not delete it unseen", async () => {
    const late: Told = { type: "deadline.passed", clock: "request", reason: "late", at: 9_000_000 };
    const slave = recordAfter([late]);
    await did(slave, "createPod");
    expect(slave.life.pod.uid).toBeNull();
    const uid = cluster.pods.get(slave.name)?.metadata?.uid ?? "";
    expect(await did(slave, "deletePod")).toEqual({ type: "pod.accepted", uid, at: bus.time });
    expect(cluster.pods.size).toBe(1);
    // It may have an agent and a build: it is marked and looked at first.
    const known = recordAfter([late, { type: "pod.accepted", uid, at: 9_000_001 }]);
    expect(outstanding(known.state, known.life).map(({ type }) => type)).toEqual(["announce", "markOffline"]);
    cluster.finish(slave.name);
    expect(await did(slave, "deletePod")).toMatchObject({ type: "pod.gone" });
    cluster.put({ metadata: { name: slave.name } });
    expect(await did(slave, "deletePod")).toMatchObject({ type: "pod.gone" });
    expect(cluster.pods.size).toBe(1);
  });

  test("a pod is not made as long as it is not known whether there was one", async () => {
    tools = { ...tools, mayHaveNewPod: () => false };
    expect(await did(recordIn("requested"), "createPod")).toBeUndefined();
    expect(cluster.created).toEqual([]);
  });

  test.each<[string, readonly Told[], number | undefined]>([
    ["lives gets its own time to end", [], undefined],
    ["has ended goes at once", [{ type: "pod.ended", reason: "OOMKilled" }], 1],
  ])("that %s", async (_, events, grace) => {
    const slave = await withPod(events);
    let asked: number | undefined;
    const { deletePod } = cluster.calls;
    tools = {
      ...tools,
      cluster: {
        ...cluster.cluster,
        deletePod: (namespace, name, options) => {
          asked = options?.graceSeconds;
          return deletePod(namespace, name, options);
        },
      },
    };
    await did(slave, "deletePod");
    expect(asked).toBe(grace);
  });
});

describe("an overdue pod on a dead machine (H29)", () => {
  const overdue = async (machine: "ready" | "not-ready") => {
    const slave = recordAfter([
      ...ways.busy,
      { type: "pod.progressed", node: "node-1", waitsOn: "agent", detail: "", anew: false },
      { type: "pod.leaving", goneBy: bus.time - 60_000 },
      { type: "pod.ended", reason: "the pod is being deleted" },
    ]);
    cluster.put({ metadata: { name: slave.name } });
    cluster.podsLinger = true;
    cluster.machines.set("node-1", machine);
    const params = { overdueSince: bus.time - 60_000 };
    const event = await happened(slave, { type: "deletePod", params });
    return { event, isThere: cluster.pods.has(slave.name) };
  };

  test("is taken out of the store", async () => {
    expect(await overdue("not-ready")).toEqual({ event: undefined, isThere: false });
  });

  test("is left to its kubelet where that lives", async () => {
    expect(await overdue("ready")).toEqual({ event: undefined, isThere: true });
  });
});

describe("the Secret", () => {
  const gone: Told[] = [
    ...ways.draining,
    { type: "node.removed" },
    { type: "pod.gone", reason: "gone", at: 1_500_000 },
  ];

  async function withSecret(): Promise<SlaveRecord> {
    const slave = recordAfter(gone);
    attach.nodes.set(slave.name, { labels: [], online: false, marked: true, build: null });
    await did(slave, "createSecret");
    expect(outstanding(slave.state, slave.life).map(({ type }) => type)).toContain("confirmSecretGone");
    return slave;
  }

  test("goes with its pod, and is only waited for", async () => {
    const slave = await withSecret();
    bus.time = 1_500_000 + 30_000;
    expect(await did(slave, "confirmSecretGone")).toBeUndefined();
    expect(cluster.secrets.size).toBe(1);
    cluster.secrets.clear();
    expect(await did(slave, "confirmSecretGone")).toEqual({ type: "secret.gone", at: bus.time });
  });

  test("that stays for more than half a minute is deleted by hand", async () => {
    const slave = await withSecret();
    bus.time = 1_500_000 + 30_001;
    expect(await did(slave, "confirmSecretGone")).toBeUndefined();
    expect(await did(slave, "confirmSecretGone")).toMatchObject({ type: "secret.gone" });
  });

  test("of somebody else with the same name is not touched", async () => {
    const slave = recordAfter(gone);
    cluster.secrets.set(slave.name, { metadata: { name: slave.name, annotations: {} } });
    bus.time = 9_000_000;
    expect(await did(slave, "confirmSecretGone")).toMatchObject({ type: "secret.gone" });
    expect(cluster.secrets.size).toBe(1);
  });

  test("is not asked for where there was never a pod to own one", async () => {
    expect(await did(recordIn("deleted"), "confirmSecretGone")).toMatchObject({ type: "secret.gone" });
  });
});

describe("announcing", () => {
  const announce = (slave: SlaveRecord, from: number, upTo: number) =>
    happened(slave, { type: "announce", params: { from, upTo } });
  const told = () => bus.published.map(({ id, subject, data }) => [id, subject, (data as SlaveEventMessage).previous]);

  test("publishes each state once, under an id of its own, with what came before", async () => {
    const slave = recordIn("busy");
    expect(await announce(slave, 0, 4)).toEqual({ type: "announced", upTo: 4, at: bus.time });
    await announce(slave, 2, 4);
    const subject = (state: string) => `kubestack.slave.m.python.${state}`;
    expect(told()).toEqual([
      [`${slave.name}/0`, subject("requested"), null],
      [`${slave.name}/1`, subject("scheduled"), "requested"],
      [`${slave.name}/2`, subject("online"), "scheduled"],
      [`${slave.name}/3`, subject("busy"), "online"],
    ]);
    expect(bus.published[3]?.data).toMatchObject({
      slave: slave.name,
      state: "busy",
      reason: "runs job/a/1/",
      afterMs: 1000,
      step: 3,
      pod: { namespace: "ci", uid: "uid-1" },
      build: "job/a/1/",
      outcome: null,
    });
  });

  test("tells how the launch ended with its last states only", async () => {
    const slave = recordIn("draining");
    await announce(slave, 0, 5);
    expect(bus.published.map(({ data }) => (data as SlaveEventMessage).outcome)).toEqual([
      null,
      null,
      null,
      null,
      "served",
    ]);
  });

  test("goes on where the front of a long trail was dropped", async () => {
    const slave = recordIn("busy");
    const life = { ...slave.life, trail: slave.life.trail.slice(2), trailDropped: 2 };
    await announce({ ...slave, life }, 0, 4);
    expect(told().map(([id]) => id)).toEqual([`${slave.name}/2`, `${slave.name}/3`]);
  });
});

test("a pod's marks survive what the API server adds", async () => {
  const slave = recordIn("requested");
  await did(slave, "createPod");
  const pod = cluster.pods.get(slave.name) as V1Pod;
  cluster.pods.set(slave.name, {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, "cni.example.org/ip": "10.0.0.1" } },
  });
  expect(await did(slave, "createPod")).toMatchObject({ type: "pod.accepted" });
});

describe("a slave that awaits a build", () => {
  const awaiting = () =>
    recordAfter([...ways.busy, { type: "session.seen", session: "one" }, { type: "session.seen", session: "two" }]);
  const ask = (readBuild: () => Promise<object>, unknownIsOverFrom: number) =>
    happened(
      awaiting(),
      { type: "askBuilds", params: { urls: ["job/a/1/"], unknownIsOverFrom } },
      { ...tools, target: { master: { readBuild } } as unknown as AttachTarget },
    );

  test("is put back online, however often that is asked", async () => {
    const slave = awaiting();
    attach.nodes.set(slave.name, { labels: [], online: true, marked: true, build: null });
    const unmarked = { type: "offline.unmarked", at: bus.time };
    expect([await did(slave, "bringOnline"), await did(slave, "bringOnline")]).toEqual([unmarked, unmarked]);
    expect(attach.nodes.get(slave.name)?.marked).toBe(false);
  });

  test("is left marked while something else would take it, and where its node is not there (yet)", async () => {
    const slave = awaiting();
    expect(await did(slave, "bringOnline")).toBeUndefined();
    attach.nodes.set(slave.name, { labels: [], online: true, marked: true, build: null });
    tools = { ...tools, mayComeBack: () => false };
    expect(await did(slave, "bringOnline")).toBeUndefined();
    expect(attach.nodes.get(slave.name)?.marked).toBe(true);
  });

  test.each<[string, Intent]>([
    ["a mark", { type: "markOffline", params: none }],
    ["the mark's removal", { type: "bringOnline", params: none }],
    ["a look", { type: "look", params: { notBefore: 0 } }],
    ["a question after its build", { type: "askBuilds", params: { urls: ["job/a/1/"], unknownIsOverFrom: 0 } }],
  ])(
    "%s that another start of the master answers tells so first, whether or not the node is there",
    async (_, intent) => {
      const slave = awaiting();
      attach.session = "three";
      const readBuild = async () => ({ building: false, session: "three" });
      const asking = { ...tools, target: { master: { readBuild } } as unknown as AttachTarget };
      const restarted = { type: "session.seen", session: "three", at: bus.time };
      expect((await carryOut(slave, intent, asking))[0]).toEqual(restarted);
      attach.nodes.set(slave.name, { labels: [], online: true, marked: true, build: null });
      const events = await carryOut(slave, intent, asking);
      expect([events.length, events[0]]).toEqual([2, restarted]);
      attach.session = "two";
      const known = async () => ({ building: false, session: "two" });
      const asked = { ...tools, target: { master: { readBuild: known } } as unknown as AttachTarget };
      expect((await carryOut(slave, intent, asked)).map(({ type }) => type)).not.toContain("session.seen");
    },
  );

  const unknown = async (): Promise<never> => {
    throw new KubestackError("not-found", "no such build");
  };
  test.each<[string, () => Promise<object>, number, boolean]>([
    ["runs", async () => ({ building: true, session: null }), 0, false],
    ["is over", async () => ({ building: false, session: null }), 0, true],
    ["is not known, and may be loading still", unknown, 1, false],
    ["is not known, though all is loaded by now", unknown, 0, true],
  ])("asks after it: it %s", async (_, readBuild, laterMs, isOver) => {
    const event = await ask(readBuild, bus.time + laterMs);
    expect(event).toEqual(isOver ? { type: "build.finished", url: "job/a/1/", at: bus.time } : undefined);
  });

  test("asks again where the master does not answer: that says nothing", async () => {
    const away = new KubestackError("master-unavailable", "no answer");
    await expect(ask(() => Promise.reject(away), 0)).rejects.toBe(away);
  });
});
