import { KubestackError, type SlaveRecord } from "@kubestack/contracts";
import type { Intent, SlaveEvent } from "@kubestack/slave";
import { beforeEach, describe, expect, test } from "vitest";
import type { AttachTarget } from "./attach/attach-mode.ts";
import { jenkinsNode } from "./attach/jenkins-node.ts";
import { carryOut, type EffectTools } from "./effects.ts";
import { FakeAttach } from "./fake-attach.fixture.ts";
import { FakeCluster } from "./fake-cluster.fixture.ts";
import { type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { recordIn, recordRelaunching, type relaunching, template } from "./slave-record.fixture.ts";

let bus: MemoryBus;
let cluster: FakeCluster;
let attach: FakeAttach;
let tools: EffectTools;

beforeEach(() => {
  bus = memoryBus();
  cluster = new FakeCluster();
  attach = new FakeAttach();
  tools = {
    bus,
    cluster: cluster.cluster,
    attach: attach.mode,
    target: {} as AttachTarget,
    template: () => template({ services: [{ name: "db", port: 5432 }] }),
    templatesAreWhole: () => true,
    mayHaveNewPod: () => true,
    mayComeBack: () => false,
    masterIsKnown: () => true,
    knownSession: () => null,
    describe: ({ name }) => `the slave ${name}`,
  };
  attach.session = null;
});

const db = { name: "db", port: 5432, targetPort: 5432, protocol: "TCP", headless: true } as const;
const slaveAt = (of: keyof typeof relaunching): SlaveRecord => recordRelaunching(of, { services: [db] });
async function did(slave: SlaveRecord, type: Exclude<Intent["type"], "announce" | "look" | "askBuilds" | "retainPod">) {
  return carryOut(slave, { type, params: {} }, tools) as Promise<SlaveEvent[]>;
}
const { name } = recordIn("busy");
const node = (changed: Partial<{ marked: boolean; build: string | null }> = {}) =>
  attach.nodes.set(name, { labels: [], online: false, marked: true, build: "job/a/1/", ...changed });

describe("the pod that follows a lost one", () => {
  test("is created under its own name, for the same node; twice is once", async () => {
    const slave = slaveAt("next");
    expect(await did(slave, "createPod")).toEqual([{ type: "pod.accepted", uid: "uid-1", at: bus.time }]);
    expect(await did(slave, "createPod")).toEqual([{ type: "pod.accepted", uid: "uid-1", at: bus.time }]);
    expect(cluster.created).toEqual([`${name}-2`]);
    const { metadata, spec } = cluster.pods.get(`${name}-2`) ?? expect.fail();
    expect(metadata?.labels).toMatchObject({ "kubestack.io/slave": name });
    expect(metadata?.annotations).toMatchObject({ "kubestack.io/attempt": "2", "kubestack.io/nonce": slave.nonce });
    expect(spec?.containers[0]?.env).toContainEqual({ name: "KUBESTACK_AGENT_NAME", value: name });
    expect(spec?.volumes).toContainEqual({
      name: "agent-secret",
      secret: { secretName: `${name}-2`, defaultMode: 0o440 },
    });
  });

  test("has a Secret and Services of its own; those of the one before would go with that", async () => {
    node();
    const first = recordIn("busy", { services: [db] });
    await did(first, "createSecret");
    const slave = recordRelaunching("ready", { services: [db] });
    await did({ ...slave, life: { ...slave.life, secret: { createdAt: null, goneAt: null } } }, "createSecret");
    expect([...cluster.secrets.keys()].toSorted()).toEqual([name, `${name}-2`]);
    const owners = [cluster.secrets.get(`${name}-2`), cluster.services.get(`${name}-db`)];
    for (const owned of owners)
      expect(owned?.metadata?.ownerReferences).toMatchObject([{ name: `${name}-2`, uid: "uid-2" }]);
  });

  test("is deleted by its own name, and the lost one by its", async () => {
    await did(slaveAt("next"), "createPod");
    await did(recordIn("requested"), "createPod");
    const second = recordRelaunching("ready");
    await did({ ...second, life: { ...second.life, pod: { ...second.life.pod, uid: "uid-1" } } }, "deletePod");
    expect([...cluster.pods.keys()]).toEqual([name]);
    expect(await did(slaveAt("lost"), "deletePod")).toMatchObject([{ type: "pod.gone" }]);
  });

  test("leaves no Secret of any pod before it", async () => {
    node();
    await did(recordIn("busy"), "createSecret");
    const slave = recordRelaunching("next");
    bus.time = 9_000_000;
    const gone = { ...slave, life: { ...slave.life, pod: { ...slave.life.pod, goneAt: 1 } } };
    expect(await did(gone, "confirmSecretGone")).toEqual([]);
    expect(await did(gone, "confirmSecretGone")).toEqual([{ type: "secret.gone", at: bus.time }]);
    expect(cluster.secrets.size).toBe(0);
  });

  test("is told of with its states", async () => {
    await carryOut(slaveAt("next"), { type: "announce", params: { from: 4, upTo: 5 } }, tools);
    expect(bus.published.at(-1)?.data).toMatchObject({
      state: "busy",
      previous: "busy",
      attempt: 2,
      reason: "the pod was evicted; pod 2 of at most 2 follows it",
    });
  });
});

describe("the node of a slave whose pod was lost", () => {
  test.each<[keyof typeof relaunching, boolean]>([
    ["lost", true],
    ["next", true],
    ["ready", false],
  ])("is marked with the cause, and what is left of its agent closed (%s)", async (of, disconnect) => {
    const asked: unknown[] = [];
    const markOffline = async (...args: unknown[]) => {
      asked.push(args);
      return { found: {}, session: null, changed: true };
    };
    tools = { ...tools, attach: { ...attach.mode, ...jenkinsNode }, target: { master: { markOffline } } as never };
    expect(await did(slaveAt(of), "markOffline")).toMatchObject([{ type: "offline.marked" }]);
    expect(asked).toEqual([[name, "the pod was evicted", { retell: true, disconnect }]]);
  });

  test("is put back online for the next agent", async () => {
    node();
    expect(await did(slaveAt("ready"), "bringOnline")).toEqual([{ type: "offline.unmarked", at: bus.time }]);
    expect(attach.nodes.get(name)?.marked).toBe(false);
  });

  test("stays marked where its build is over by then: another one might come", async () => {
    node({ build: null });
    const over = { type: "build.finished", url: "job/a/1/", at: bus.time };
    expect(await did(slaveAt("ready"), "bringOnline")).toEqual([over]);
    expect(attach.nodes.get(name)?.marked).toBe(true);
  });

  test("stays marked where the master does not answer", async () => {
    node();
    attach.failure = new KubestackError("master-unavailable", "no answer");
    await expect(did(slaveAt("ready"), "bringOnline")).rejects.toBe(attach.failure);
  });
});
