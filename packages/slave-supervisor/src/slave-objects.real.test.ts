import type { V1OwnerReference } from "@kubestack/kubernetes";
import { describe, expect, test, vi } from "vitest";
import { Bed, until } from "./bed.fixture.ts";
import { MirroredSites } from "./mirrored-site.fixture.ts";
import { template } from "./slave-record.fixture.ts";
import { Mortal, type World } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

/**
 * On a real API server with its controller manager, which makes a pod's own claims and collects what it owned. There is no
 * machine and no provisioner: claims stay without a disk, and the test says when a container runs.
 */
const bed = new Bed("objects");
const templates = [
  template({
    volumes: [{ perBuild: { size: "1Gi", storageClass: "fast", mountPath: "/cache" } }],
    services: [
      { name: "db", port: 5432 },
      { name: "web", port: 80, targetPort: 8080 },
    ],
  }),
];

const sites = new MirroredSites(bed, { templates });

interface Item {
  readonly metadata: { readonly name: string; readonly uid: string; readonly ownerReferences?: V1OwnerReference[] };
  readonly spec: Readonly<Record<string, unknown>>;
}

async function listed(namespace: string, plural: string): Promise<readonly Item[]> {
  const marked = "labelSelector=app.kubernetes.io/managed-by%3Dkubestack";
  const found = await sites.plane.json(`/api/v1/namespaces/${namespace}/${plural}?${marked}`);
  return (found as { items: Item[] }).items;
}

/** All that a slave may own, by kind. */
async function owned(namespace: string): Promise<readonly Item[]> {
  const kinds = await Promise.all(
    ["persistentvolumeclaims", "services", "secrets"].map((plural) => listed(namespace, plural)),
  );
  return kinds.flat();
}

const namesOf = (items: readonly Item[]): string[] => items.map(({ metadata }) => metadata.name).sort();

/** The slave ran its build, and nothing of it is there any more. */
async function isOver(world: World, namespace: string): Promise<void> {
  await until(async () => {
    const record = await sites.recordOf(world);
    const left = [...(await listed(namespace, "pods")), ...(await owned(namespace))];
    expect({ state: record?.state, outcome: record?.life.outcome, left: namesOf(left) }).toEqual({
      state: "deleted",
      outcome: "served",
      left: [],
    });
  }, 60_000);
  expect([world.ran.length, world.killed, world.missed]).toEqual([1, [], []]);
}

/** The calls that make and remove a slave's objects: which, and the how many-th of it. */
const points = [
  ["cluster.createPod", 1],
  ["cluster.createService", 1],
  ["cluster.createService", 2],
  ["cluster.createSecret", 1],
  ["cluster.deletePod", 1],
  ["cluster.getService", 1],
] as const;

describe("a slave with a claim and Services of its own", () => {
  test("has them while its build runs, owned by its pod, and none of them afterwards", async () => {
    const { world, namespace, supervised } = await sites.site();
    world.wants("1");
    supervised(bed.one, new Mortal());
    await until(async () => expect((await sites.recordOf(world))?.state).toBe("busy"), 30_000);
    // The claim's maker is another process than the pod's.
    await until(async () => expect(await listed(namespace, "persistentvolumeclaims")).toHaveLength(1), 30_000);
    world.isFrozen = true;
    const [pod] = await listed(namespace, "pods");
    const [slave, uid] = [pod?.metadata.name ?? "", pod?.metadata.uid];
    const found = await owned(namespace);
    expect(namesOf(found)).toEqual([slave, `${slave}-cache`, `${slave}-db`, `${slave}-web`]);
    for (const { metadata } of found)
      expect(metadata.ownerReferences).toMatchObject([{ kind: "Pod", name: slave, uid }]);
    const specOf = (name: string) => found.find(({ metadata }) => metadata.name === name)?.spec;
    expect(specOf(`${slave}-cache`)).toMatchObject({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "1Gi" } },
    });
    expect(specOf(`${slave}-db`)).toMatchObject({ clusterIP: "None", selector: { "kubestack.io/slave": slave } });
    expect(specOf(`${slave}-web`)).toMatchObject({
      clusterIP: expect.stringMatching(/^10[.]/),
      ports: [{ port: 80, targetPort: 8080 }],
    });
    world.isFrozen = false;
    await isOver(world, namespace);
  });

  test.each(points)(
    "leaves nothing where its supervisor dies after %s, number %i, and its build is served",
    async (call, nth) => {
      const { world, namespace, supervised } = await sites.site();
      world.wants("1");
      const isIt = (calls: readonly string[]) =>
        calls.at(-1) === call && calls.filter((one) => one === call).length === nth;
      const mortal = new Mortal({ diesAfter: isIt });
      const { lease: first } = supervised(bed.one, mortal);
      await mortal.ended;
      first.held = false;
      supervised(bed.two, new Mortal());
      await isOver(world, namespace);
      expect(await bed.records(world)).toHaveLength(1);
    },
  );

  test("is over in words where the namespace's quota has no room for a Service", async () => {
    const { world, namespace, supervised } = await sites.site();
    const path = `/api/v1/namespaces/${namespace}/resourcequotas`;
    const hard = { services: "1" };
    await sites.plane.json(path, { method: "POST", body: { metadata: { name: "few" }, spec: { hard } } });
    await until(async () => expect(await sites.plane.json(`${path}/few`)).toMatchObject({ status: { hard } }), 30_000);
    world.wants("1");
    supervised(bed.one, new Mortal());
    await until(async () => {
      const [record] = (await bed.records(world)).filter(({ state }) => state === "deleted");
      expect(record?.life.outcome).toBe("failed");
      expect(record?.life.trail.find(({ state }) => state === "draining")?.reason).toMatch(
        /^a Service was refused: Cannot create services .* exceeded quota: few/,
      );
    }, 60_000);
    expect(world.ran).toEqual([]);
    world.queue = [];
    await until(async () => {
      const left = [...(await listed(namespace, "pods")), ...(await owned(namespace))];
      expect(namesOf(left)).toEqual([]);
    }, 60_000);
  });
});
