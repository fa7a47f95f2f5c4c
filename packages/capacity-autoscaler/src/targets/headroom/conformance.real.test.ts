import type { Bus } from "@kubestack/bus";
import { type Cluster, connectCluster } from "@kubestack/kubernetes";
import {
  type ControlPlane,
  type Kwok,
  startControlPlane,
  startKwok,
  startTcpProxy,
  type TcpProxy,
} from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { describeTarget, podsOf } from "../conformance.fixture.ts";
import { headroom } from "./index.ts";

const namespace = "ci-agents";
const patient = { timeout: 30_000, interval: 50 };
let plane: ControlPlane;
let kwok: Kwok;
let way: TcpProxy;
let cluster: Cluster;
let groups = 0;

beforeAll(async () => {
  plane = await startControlPlane();
  kwok = await startKwok({ controlPlane: plane });
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
  const priority = { metadata: { name: "kubestack-headroom" }, value: -5, preemptionPolicy: "Never" };
  await plane.json("/apis/scheduling.k8s.io/v1/priorityclasses", { method: "POST", body: priority });
  way = await startTcpProxy(Number(new URL(plane.url).port));
  const url = `https://127.0.0.1:${way.port}`;
  cluster = connectCluster({ kind: "url", url, token: () => plane.adminToken, caPem: plane.ca });
}, 600_000);
afterAll(async () => {
  await cluster?.close();
  await way?.close();
  await kwok?.stop();
  await plane?.stop();
});

const config = {
  type: "headroom",
  priorityClassName: "kubestack-headroom",
  image: "registry.k8s.io/pause:3.10",
  maxPods: 500,
  dryRun: false,
} as const;

function connect(more: Partial<typeof config> & { readonly maxPods?: never } = {}) {
  const name = `room ${groups}`;
  const taints = [{ key: "ci", effect: "NoSchedule" as const }];
  const pool = { name, nodeLabels: { pool: `room-${groups}` }, taints };
  const bus = undefined as unknown as Bus;
  return headroom.connect({ ...config, ...more }, { pool, install: "test", namespace, cluster, bus });
}

interface RawPods {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly deletionTimestamp?: string;
    };
    readonly spec: { readonly nodeName?: string; readonly priority?: number };
    readonly status: { readonly phase: string };
  }[];
}

async function pods() {
  const label = encodeURIComponent(`kubestack.io/pool=room_20${groups}`);
  const { items } = (await plane.json(`/api/v1/namespaces/${namespace}/pods?labelSelector=${label}`)) as RawPods;
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

describeTarget("headroom", {
  begin: async () => {
    groups += 1;
    return connect();
  },
  end: () =>
    connect().scaleTo(
      { size: 0, pods: [], reason: "over" },
      { wanted: 0, nodes: null, least: null, most: null, owner: null },
    ),
  wanted: async () => (await pods()).length,
  own: "its pods are nobody's but its own",
  limit: "its limit is the configuration's",
  cut: async () => {
    await way.refuse();
    return () => way.accept();
  },
  missing: "there is no group: its pods are made where there are none",
});

test("a pod that is to come takes the place of one at once, and another place is held then", async () => {
  groups += 1;
  const taints = [{ key: "ci", effect: "NoSchedule" }];
  await kwok.addNodes([{ name: "one", cpu: "2", labels: { pool: `room-${groups}` }, taints }]);
  const target = connect();
  const wanted = { size: 2, pods: podsOf(2), reason: "r" };
  await target.scaleTo(wanted, await target.status());
  await vi.waitFor(
    async () => expect((await pods()).map(({ status }) => status.phase)).toEqual(["Running", "Running"]),
    patient,
  );
  expect(
    (await pods()).every(
      ({ spec, metadata }) => spec.priority === -5 && metadata.labels["app.kubernetes.io/managed-by"] === undefined,
    ),
  ).toBe(true);
  const slave = {
    metadata: { name: "slave" },
    spec: {
      nodeSelector: { pool: `room-${groups}` },
      tolerations: taints,
      containers: [{ name: "jnlp", image: "agent", resources: { requests: { cpu: "1" } } }],
    },
  };
  await plane.json(`/api/v1/namespaces/${namespace}/pods`, { method: "POST", body: slave });
  await vi.waitFor(
    async () =>
      expect(await plane.json(`/api/v1/namespaces/${namespace}/pods/slave`)).toMatchObject({
        spec: { nodeName: "one" },
      }),
    patient,
  );
  await target.scaleTo(wanted, await target.status());
  await vi.waitFor(
    async () => expect((await pods()).map(({ status }) => status.phase).sort()).toEqual(["Pending", "Running"]),
    patient,
  );
  await target.scaleTo({ ...wanted, size: 0, pods: [] }, await target.status());
  expect(await pods()).toEqual([]);
});

test("a PriorityClass that is missing is told by the API server's own words", async () => {
  groups += 1;
  const target = connect({ priorityClassName: "absent" as never });
  await expect(target.scaleTo({ size: 1, pods: podsOf(1), reason: "r" }, await target.status())).rejects.toMatchObject({
    code: "cluster-refused",
    message: expect.stringContaining("no PriorityClass with name absent"),
  });
});
