import type { Bus } from "@kubestack/bus";
import { type Cluster, connectCluster } from "@kubestack/kubernetes";
import {
  addMachineKinds,
  type ControlPlane,
  type MachineGroup,
  startControlPlane,
  startMachineGroup,
  startTcpProxy,
  type TcpProxy,
} from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { describeTarget } from "../conformance.fixture.ts";
import { scale } from "./index.ts";

const namespace = "ci-machines";
const contentType = "application/merge-patch+json";
let plane: ControlPlane;
let way: TcpProxy;
let cluster: Cluster;
let group: MachineGroup;
let groups = 0;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: false });
  await addMachineKinds(plane);
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
  way = await startTcpProxy(Number(new URL(plane.url).port));
  const url = `https://127.0.0.1:${way.port}`;
  cluster = connectCluster({ kind: "url", url, token: () => plane.adminToken, caPem: plane.ca });
}, 300_000);
afterAll(async () => {
  await cluster?.close();
  await way?.close();
  await plane?.stop();
});

function connect(name: string, kind = "MachineDeployment") {
  return scale.connect(
    { type: "scale", apiVersion: "cluster.x-k8s.io/v1beta1", kind, namespace, name, dryRun: false },
    {
      pool: { name: "p", nodeLabels: { pool: name }, taints: [] },
      install: "test",
      namespace: "ci",
      cluster,
      bus: undefined as unknown as Bus,
    },
  );
}

async function begin() {
  groups += 1;
  const name = `group-${groups}`;
  group = await startMachineGroup({ plane, namespace, name, node: { labels: { pool: name } } });
  return connect(name);
}

interface RawNode {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
}

/** Once there are so many, as the cluster shows them. */
async function nodes(count: number) {
  const selector = encodeURIComponent(`pool=group-${groups}`);
  const found = await vi.waitFor(
    async () => {
      const { items } = (await plane.json(`/api/v1/nodes?labelSelector=${selector}`)) as { items: readonly RawNode[] };
      expect(items).toHaveLength(count);
      return items;
    },
    { timeout: 20_000, interval: 50 },
  );
  return found.map(({ metadata: { name, annotations } }) => ({ name, providerId: null, annotations }));
}

const change = (body: object) => plane.json(group.path, { method: "PATCH", body, contentType });
const wanted = async () => ((await plane.json(group.path)) as { spec: { replicas: number } }).spec.replicas;

describeTarget("scale", {
  begin,
  end: () => group.stop(),
  wanted,
  nodes,
  own: async () => {
    const annotations = { "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "9" };
    await change({ metadata: { annotations } });
  },
  limit: "Cluster API has no limit but the one that is for its autoscaler",
  cut: async () => {
    await way.refuse();
    return () => way.accept();
  },
  missing: () => connect("absent"),
});

test("a size that somebody else set after it was read is not written over", async () => {
  const target = await begin();
  const state = await target.status();
  await change({ spec: { replicas: 7 } });
  await expect(target.scaleTo({ size: 3, pods: [], reason: "r" }, state)).rejects.toMatchObject({
    code: "stale-revision",
  });
  expect(await wanted()).toBe(7);
  await group.stop();
});

test("of another kind no node can be named, and one that says no Machine can't be removed", async () => {
  expect(connect("g", "MachinePool").canRemoveByName).toBe(false);
  const target = await begin();
  const node = { name: "n", providerId: null, annotations: {} };
  await expect(target.remove([node], { size: 0, pods: [], reason: "r" })).rejects.toMatchObject({
    code: "target-refused",
    message: expect.stringContaining("Node n does not say which Machine it is"),
  });
  await group.stop();
});
