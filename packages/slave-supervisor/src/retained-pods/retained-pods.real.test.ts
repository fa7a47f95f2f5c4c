import { keys } from "@kubestack/contracts";
import type { V1Pod } from "@kubestack/kubernetes";
import { describe, expect, test, vi } from "vitest";
import { Bed, until } from "../bed.fixture.ts";
import { type Kubelet, MirroredSites } from "../mirrored-site.fixture.ts";
import { template } from "../slave-record.fixture.ts";
import { Mortal, type World } from "../world.fixture.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 90_000 });

/**
 * On a real API server with its controller manager, which collects what a pod owned once that is gone. There is no kubelet: the
 * test says which machine a pod is on, when a container runs, and that it has ended when the pod's time is over.
 */
const bed = new Bed("retained");
const machine = "machine-1";
const retainForMs = 20_000;
const templates = [
  { ...template({ services: [{ name: "db", port: 5432 }], retain: "always" }), retainFor: retainForMs },
];

async function namesOf(namespace: string, plural: string): Promise<readonly string[]> {
  const marked = "labelSelector=app.kubernetes.io/managed-by%3Dkubestack";
  const found = await sites.plane.json(`/api/v1/namespaces/${namespace}/${plural}?${marked}`);
  return (found as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
}

/** What a kubelet does to pods of a namespace: takes them to its machine, and ends those whose time is over. */
const kubelet: Kubelet = (world, namespace, cluster) => {
  const bound = new Set<string>();
  const at = (name: string, part: string) => `/api/v1/namespaces/${namespace}/pods/${name}/${part}`;
  const say = (name: string, status: object) =>
    cluster.request({
      method: "PATCH",
      path: at(name, "status"),
      contentType: "application/merge-patch+json",
      body: { status },
    });
  // The world sees what becomes of it in the mirror, and not sooner.
  world.cluster.set = (name, status) => {
    if (bound.has(name)) return;
    bound.add(name);
    const body = { metadata: { name }, target: { kind: "Node", name: machine } };
    cluster
      .request({ method: "POST", path: at(name, "binding"), body })
      .then(() => say(name, status))
      .catch(() => bound.delete(name));
  };
  const ended = new Set<string>();
  const end = (name: string): void => {
    const state = { terminated: { exitCode: 143, reason: "Error" } };
    const containerStatuses = [{ name: "jnlp", ready: false, restartCount: 0, image: "", imageID: "", state }];
    const status = {
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active too long",
      containerStatuses,
    };
    say(name, status).catch(() => ended.delete(name));
  };
  const timer = setInterval(() => {
    for (const [name, { spec, status }] of world.cluster.pods) {
      if (spec?.activeDeadlineSeconds !== 1 || status?.phase === "Failed" || ended.has(name)) continue;
      ended.add(name);
      end(name);
    }
  }, 50);
  return { stop: () => clearInterval(timer) };
};

const sites = new MirroredSites(bed, { templates, machine, kubelet });

async function podOf(namespace: string): Promise<V1Pod | undefined> {
  const [name = "none"] = await namesOf(namespace, "pods");
  return (await sites.cluster.getPod(namespace, name)) as V1Pod | undefined;
}

/** Its build is over and so is the slave, of which nothing is left but its pod; until when that is kept. */
async function isKept(world: World, namespace: string): Promise<number> {
  await until(async () => {
    const record = await sites.recordOf(world);
    expect([record?.state, record?.life.outcome]).toEqual(["deleted", "served"]);
  }, 60_000);
  const pod = await podOf(namespace);
  expect(pod?.spec?.activeDeadlineSeconds).toBe(1);
  expect(pod?.metadata?.deletionTimestamp).toBeUndefined();
  expect(pod?.status).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
  const left = await Promise.all(["secrets", "services"].map((plural) => namesOf(namespace, plural)));
  expect([...left.flat(), ...world.attach.nodes.keys()]).toEqual([]);
  await until(async () => expect((await bed.one.bus.ledger.get(keys.ledger(world.name)))?.value.live).toEqual([]));
  const { annotations = {} } = pod?.metadata ?? {};
  expect(annotations["kubestack.io/retained-because"]).toBe("its template keeps every pod");
  const told = Date.parse(annotations["kubestack.io/retained-until"] ?? "");
  expect((await sites.recordOf(world))?.life.pod.retained).toMatchObject({ until: told });
  return told;
}

/** It goes when its time is over, and its record says that it went. */
async function isGoneAt(time: number, { world, namespace }: { world: World; namespace: string }): Promise<void> {
  const { clock } = bed.one.bus;
  await until(async () => {
    const asked = clock.now();
    const isThere = (await podOf(namespace)) !== undefined;
    // Whoever deletes it early is seen here, whenever it is looked.
    expect(isThere || asked >= time || clock.now() >= time).toBe(true);
    expect(isThere).toBe(false);
  }, retainForMs + 60_000);
  expect(clock.now()).toBeGreaterThanOrEqual(time);
  await until(async () => expect((await sites.recordOf(world))?.life.pod.retained).toBeNull(), 30_000);
  expect([world.ran.length, world.killed, world.missed]).toEqual([1, [], []]);
  expect(await bed.records(world)).toHaveLength(1);
}

describe("a pod whose template retains", () => {
  test("is there after its build, stopped, without Secret, Service and node, and goes after its time though its supervisor is started anew", async () => {
    const { world, namespace, supervised } = await sites.site();
    world.wants("1");
    const first = supervised(bed.one, new Mortal());
    const time = await isKept(world, namespace);
    const before = await podOf(namespace);
    first.lease.take();
    await first.supervisor.stop();
    const termBefore = (await bed.one.bus.ledger.get(keys.ledger(world.name)))?.value.term;
    supervised(bed.two, new Mortal());
    await until(async () =>
      expect((await bed.one.bus.ledger.get(keys.ledger(world.name)))?.value.term).not.toBe(termBefore),
    );
    const after = await podOf(namespace);
    if (bed.one.bus.clock.now() < time) expect(after?.metadata?.uid).toBe(before?.metadata?.uid);
    await isGoneAt(time, { world, namespace });
  });

  test.each([
    ["cluster.stopPod", 1],
    ["cluster.getService", 1],
    ["cluster.deleteService", 1],
  ] as const)("is kept all the same where its supervisor dies after %s, number %i", async (call, nth) => {
    const { world, namespace, supervised } = await sites.site();
    world.wants("1");
    const isIt = (calls: readonly string[]) =>
      calls.at(-1) === call && calls.filter((one) => one === call).length === nth;
    const mortal = new Mortal({ diesAfter: isIt });
    const first = supervised(bed.one, mortal);
    await mortal.ended;
    first.lease.held = false;
    supervised(bed.two, new Mortal());
    const time = await isKept(world, namespace);
    await isGoneAt(time, { world, namespace });
  });
});
