import type { SlaveRecord } from "@kubestack/contracts";
import { describe, expect, test, vi } from "vitest";
import { Bed, until } from "./bed.fixture.ts";
import { type Kubelet, MirroredSites } from "./mirrored-site.fixture.ts";
import { template } from "./slave-record.fixture.ts";
import { Mortal, type World } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

/**
 * On a real API server with its controller manager, which collects what a pod owned once that is gone. There is no kubelet: the
 * test says which machine a pod is on, that its container runs, and takes one that is deleted out of the store.
 */
const bed = new Bed("relaunch");
const machine = "machine-1";
const templates = [template({ services: [{ name: "db", port: 5432 }], relaunch: 1 })];

/** What a kubelet does to pods of a namespace: takes them to its machine, and ends those that are being deleted. */
const kubelet: Kubelet = (world, namespace, cluster) => {
  const path = (name: string, part: string) => `/api/v1/namespaces/${namespace}/pods/${name}${part}`;
  const asked = new Set<string>();
  // The world sees what becomes of it in the mirror, and not sooner.
  world.cluster.set = (name, status) => {
    if (asked.has(name)) return;
    asked.add(name);
    const body = { metadata: { name }, target: { kind: "Node", name: machine } };
    const contentType = "application/merge-patch+json";
    cluster
      .request({ method: "POST", path: path(name, "/binding"), body })
      .then(() => cluster.request({ method: "PATCH", path: path(name, "/status"), contentType, body: { status } }))
      .catch(() => asked.delete(name));
  };
  const timer = setInterval(() => {
    for (const [name, { metadata }] of world.cluster.pods)
      if (metadata?.deletionTimestamp !== undefined)
        cluster.deletePod(namespace, name, { uid: metadata.uid ?? "", force: true }).catch(() => undefined);
  }, 50);
  return { stop: () => clearInterval(timer) };
};

const sites = new MirroredSites(bed, { templates, machine, kubelet });

/** One in which builds do not end by themselves. */
async function site() {
  const made = await sites.site();
  made.world.holdsBuilds = true;
  return made;
}

async function isAtWork(world: World, attempt: number): Promise<SlaveRecord> {
  await until(async () => {
    const record = await sites.recordOf(world);
    expect([record?.state, record?.life.attempt, record?.life.lost]).toEqual(["busy", attempt, null]);
  }, 60_000);
  return (await sites.recordOf(world)) ?? expect.fail();
}

function evict(namespace: string, name: string): Promise<unknown> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  return sites.plane.json(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { method: "POST", body });
}

/** The second pod is there and everything that belongs to it; of the first one nothing is. */
async function isWithSecond(
  { world, namespace }: { world: World; namespace: string },
  first: SlaveRecord,
): Promise<void> {
  const { life, name } = await isAtWork(world, 2);
  const owner = { kind: "Pod", name: `${name}-2`, uid: life.pod.uid };
  await until(async () => {
    const [pods, secrets, service] = await Promise.all([
      sites.cluster.listPods(namespace, ""),
      sites.cluster.listSecrets(namespace, ""),
      sites.cluster.getService(namespace, `${name}-db`),
    ]);
    expect(pods.map(({ metadata }) => [metadata?.name, metadata?.uid])).toEqual([[`${name}-2`, life.pod.uid]]);
    expect(secrets.map(({ metadata }) => [metadata?.name, metadata?.ownerReferences])).toMatchObject([
      [`${name}-2`, [owner]],
    ]);
    expect(service?.metadata?.ownerReferences).toMatchObject([owner]);
  }, 30_000);
  expect(first.life.pod.uid).not.toBe(life.pod.uid);
  expect(world.attach.nodes.get(name)?.build).toBe("job/1/1/");
}

async function endsAsItShould(world: World): Promise<void> {
  world.holdsBuilds = false;
  await until(async () => {
    const record = await sites.recordOf(world);
    expect([record?.state, record?.life.outcome, record?.life.failure]).toEqual(["deleted", "served", null]);
  }, 60_000);
  await until(() => expect(world.isEmpty).toBe(true));
  expect([world.ran.length, world.killed, world.missed]).toEqual([1, [], []]);
  expect(await bed.records(world)).toHaveLength(1);
}

describe("a pod that is evicted under a build", () => {
  test("is followed by another one, with a Secret and Services of its own, and the build goes on", async () => {
    const at = await site();
    at.world.wants("1");
    at.supervised(bed.one, new Mortal());
    const first = await isAtWork(at.world, 1);
    await evict(at.namespace, first.name);
    await isWithSecond(at, first);
    await endsAsItShould(at.world);
  });

  test.each([
    ["cluster.deletePod", 1],
    ["cluster.createPod", 2],
    ["cluster.createService", 2],
    ["cluster.createSecret", 2],
  ] as const)("is followed all the same where its supervisor dies after %s, number %i", async (call, nth) => {
    const at = await site();
    at.world.wants("1");
    const mortal = new Mortal({
      diesAfter: (calls) => calls.at(-1) === call && calls.filter((one) => one === call).length === nth,
    });
    const { lease } = at.supervised(bed.one, mortal);
    const first = await isAtWork(at.world, 1);
    await evict(at.namespace, first.name);
    await mortal.ended;
    lease.held = false;
    at.supervised(bed.two, new Mortal());
    await isWithSecond(at, first);
    await endsAsItShould(at.world);
  });
});
