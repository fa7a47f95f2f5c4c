import { KubestackError, type SlaveRecord } from "@kubestack/contracts";
import type { SlaveEvent } from "@kubestack/slave";
import { beforeEach, expect, test } from "vitest";
import type { AttachTarget } from "./attach/attach-mode.ts";
import { carryOut, type EffectTools } from "./effects.ts";
import { FakeAttach } from "./fake-attach.fixture.ts";
import { FakeCluster } from "./fake-cluster.fixture.ts";
import { type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { recordAfter, recordIn, type Told, template, ways } from "./slave-record.fixture.ts";

let bus: MemoryBus;
let cluster: FakeCluster;
let tools: EffectTools;

beforeEach(() => {
  bus = memoryBus();
  cluster = new FakeCluster();
  tools = {
    bus,
    cluster: cluster.cluster,
    attach: new FakeAttach().mode,
    target: {} as AttachTarget,
    template: () => template(),
    templatesAreWhole: () => true,
    mayHaveNewPod: () => true,
    mayComeBack: () => true,
    masterIsKnown: () => true,
    knownSession: () => "one",
    describe: ({ name }) => `the slave ${name}`,
  };
});

async function did(
  slave: SlaveRecord,
  type: "createPod" | "registerNode" | "createSecret" | "confirmSecretGone",
): Promise<SlaveEvent | undefined> {
  // A Secret is made for a node that is there.
  if (type === "createSecret") await carryOut(slave, { type: "registerNode", params: {} }, tools);
  const [event] = await carryOut(slave, { type, params: {} }, tools);
  return event;
}

const refusal = (code: "cluster-refused" | "quota-exceeded", message: string) =>
  new KubestackError(code, message, { retry: "never" });

const db = { name: "db", port: 5432, targetPort: 5432, protocol: "TCP", headless: true } as const;
const web = { ...db, name: "web", port: 80, targetPort: 8080, headless: false } as const;
const born = { services: [db, web] };
const accepted = () => recordAfter([{ type: "pod.accepted", uid: "uid-9" }, { type: "node.registered" }], born);
const nameOf = (slave: SlaveRecord, { name }: { name: string }) => `${slave.name}-${name}`;

test("has their addresses in its agent's container, whatever its template says by now", async () => {
  const slave = recordIn("requested", born);
  await did(slave, "createPod");
  expect(cluster.pods.get(slave.name)?.spec?.containers[0]?.env).toEqual(
    expect.arrayContaining([
      { name: "KUBESTACK_SERVICE_DB_HOST", value: `${slave.name}-db.ci.svc` },
      { name: "KUBESTACK_SERVICE_WEB_PORT", value: "80" },
    ]),
  );
});

test("has them before its Secret, owned by its pod; twice is once", async () => {
  const slave = accepted();
  for (let times = 0; times < 2; times += 1)
    expect(await did(slave, "createSecret")).toMatchObject({ type: "secret.created" });
  expect([...cluster.services.keys()]).toEqual([nameOf(slave, db), nameOf(slave, web)]);
  for (const { metadata } of cluster.services.values()) {
    expect(metadata?.ownerReferences?.[0]).toMatchObject({ kind: "Pod", name: slave.name, uid: "uid-9" });
    expect(metadata?.annotations).toMatchObject({ "kubestack.io/nonce": slave.nonce });
  }
});

test("gets what an earlier try did not come to", async () => {
  const slave = accepted();
  await did(slave, "createSecret");
  cluster.services.delete(nameOf(slave, web));
  await did(slave, "createSecret");
  expect(cluster.services.size).toBe(2);
});

test.each([
  ["for what it is", refusal("cluster-refused", "Service is invalid: spec.ports"), "object-invalid"],
  ["for the quota", refusal("quota-exceeded", "exceeded quota: services"), "quota-full"],
])("is over, without a Secret, where the cluster refuses one %s", async (_, error, failure) => {
  cluster.serviceRefusal = error;
  expect(await did(accepted(), "createSecret")).toEqual({
    type: "service.refused",
    reason: error.message,
    failure,
    at: bus.time,
  });
  expect(cluster.secrets.size).toBe(0);
});

test("waits half a minute for a right that is missing", async () => {
  const error = new KubestackError("cluster-refused", "User x cannot create services", { retry: "backoff" });
  const slave = accepted();
  cluster.serviceRefusal = error;
  bus.time = (slave.life.trail[0]?.at ?? 0) + 29_000;
  await expect(did(slave, "createSecret")).rejects.toBe(error);
  bus.time += 2_000;
  cluster.serviceRefusal = error;
  expect(await did(slave, "createSecret")).toMatchObject({ type: "service.refused", reason: error.message });
});

test("is tried again where the cluster does not answer", async () => {
  cluster.serviceRefusal = new KubestackError("cluster-unavailable", "no answer");
  await expect(did(accepted(), "createSecret")).rejects.toThrow("no answer");
});

test("is over where a stranger has a Service of that name, which is not touched", async () => {
  const slave = accepted();
  const metadata = { name: nameOf(slave, db), uid: "theirs", annotations: { "kubestack.io/install": "test" } };
  cluster.services.set(metadata.name, { metadata });
  expect(await did(slave, "createSecret")).toMatchObject({
    type: "service.refused",
    reason: `another Service has the name ${metadata.name}`,
  });
  expect(await did(recordAfter(goneBy, born), "confirmSecretGone")).toMatchObject({ type: "secret.gone" });
  bus.time = 9_000_000;
  expect(await did(recordAfter(goneBy, born), "confirmSecretGone")).toMatchObject({ type: "secret.gone" });
  expect(cluster.services.get(metadata.name)).toEqual({ metadata });
});

const goneBy: Told[] = [
  ...ways.draining,
  { type: "node.removed" },
  { type: "pod.gone", reason: "gone", at: 1_500_000 },
];

test("of a pod that is kept they go at once: their owner stays", async () => {
  await did(accepted(), "createSecret");
  const { life, ...rest } = recordAfter(goneBy.slice(0, -1), born);
  const slave = { ...rest, life: { ...life, pod: { ...life.pod, retained: { at: 1, until: 2, because: "so" } } } };
  expect(await did(slave, "confirmSecretGone")).toBeUndefined();
  expect([cluster.services.size, cluster.secrets.size]).toEqual([0, 0]);
  expect(await did(slave, "confirmSecretGone")).toMatchObject({ type: "secret.gone" });
});

test("is over only when they are gone, which the cluster sees to for half a minute", async () => {
  await did(accepted(), "createSecret");
  cluster.secrets.clear();
  const slave = recordAfter(goneBy, born);
  bus.time = 1_500_000 + 30_000;
  expect(await did(slave, "confirmSecretGone")).toBeUndefined();
  expect(cluster.services.size).toBe(2);
  bus.time += 1;
  expect(await did(slave, "confirmSecretGone")).toBeUndefined();
  expect(cluster.services.size).toBe(0);
  expect(await did(slave, "confirmSecretGone")).toMatchObject({ type: "secret.gone" });
});
