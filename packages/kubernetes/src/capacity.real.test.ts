import { readFile } from "node:fs/promises";
import { loadAllYaml } from "@kubernetes/client-node";
import {
  addMachineKinds,
  type ControlPlane,
  type Kwok,
  type MachineGroup,
  startControlPlane,
  startKwok,
  startMachineGroup,
} from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ScaledObject } from "./calls/scale.ts";
import { type Cluster, connectCluster } from "./cluster.ts";
import { watchNodes } from "./watch/watch-nodes.ts";
import { watchPlacedPods } from "./watch/watch-placed-pods.ts";

const collections: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => "/api/v1/namespaces",
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  Role: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
  ClusterRole: () => "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: () => "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  RoleBinding: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
  PriorityClass: () => "/apis/scheduling.k8s.io/v1/priorityclasses",
};
const patient = { timeout: 20_000, interval: 20 };
const spot: ScaledObject = {
  apiVersion: "cluster.x-k8s.io/v1beta1",
  kind: "MachineDeployment",
  namespace: "ci-machines",
  name: "spot",
};
const machine: ScaledObject = { ...spot, kind: "Machine", name: "spot-1" };

let plane: ControlPlane;
let kwok: Kwok;
let group: MachineGroup;
/** Has the rights that deploy/ gives the capacity-autoscaler, and no other. */
let cluster: Cluster;

async function apply(file: string): Promise<void> {
  const text = await readFile(new URL(`../../../deploy/${file}`, import.meta.url), "utf8");
  for (const manifest of loadAllYaml(text) as { kind: string; metadata: { namespace?: string } }[]) {
    const path = collections[manifest.kind]?.(manifest.metadata.namespace ?? "");
    await plane.json(`${path}?fieldValidation=Strict`, { method: "POST", body: manifest });
  }
}

beforeAll(async () => {
  plane = await startControlPlane();
  kwok = await startKwok({ controlPlane: plane });
  await addMachineKinds(plane);
  await apply("rbac.yaml");
  await apply("rbac-capacity.yaml");
  const node = { labels: { pool: "spot" }, cpu: "4", memory: "8Gi", taints: [{ key: "ci", effect: "NoSchedule" }] };
  const annotations = { "example.org/owner": "nobody" };
  group = await startMachineGroup({ plane, namespace: spot.namespace, name: spot.name, node, annotations });
  const token = await plane.serviceAccountToken({ namespace: "kubestack", name: "capacity-autoscaler" });
  cluster = connectCluster({ kind: "url", url: plane.url, token: () => token, caPem: plane.ca });
}, 600_000);

afterAll(async () => {
  await cluster?.close();
  await group?.stop();
  await kwok?.stop();
  await plane?.stop();
});

describe("under the shipped rights of the capacity-autoscaler", () => {
  test("an object is scaled, by whoever read it last", async () => {
    const before = await cluster.getScale(spot);
    expect(before).toMatchObject({ wanted: 0, present: 0, annotations: { "example.org/owner": "nobody" } });
    await cluster.setScale(spot, 2, before?.revision ?? "");
    expect(await cluster.getScale(spot)).toMatchObject({ wanted: 2 });
    await expect(cluster.setScale(spot, 5, before?.revision ?? "")).rejects.toMatchObject({ code: "stale-revision" });
    await expect.poll(async () => (await cluster.getScale(spot))?.present, patient).toBe(2);
  });

  test("what is not there is told as that, a kind that is not known in a sentence", async () => {
    expect(await cluster.getScale({ ...spot, name: "other" })).toBeUndefined();
    await expect(cluster.getScale({ ...spot, kind: "Flock" })).rejects.toMatchObject({
      code: "cluster-refused",
      message: expect.stringContaining("has no namespaced kind Flock in cluster.x-k8s.io/v1beta1"),
    });
  });

  test("nodes are followed, with what a decision needs of them, and closed to new pods and opened again", async () => {
    const nodes = watchNodes({ cluster });
    await nodes.synced;
    await expect.poll(() => nodes.get("spot-1")?.isReady, patient).toBe(true);
    // That it is not ready yet goes a moment later.
    await expect.poll(() => nodes.get("spot-1")?.taints.length, patient).toBe(1);
    expect(nodes.get("spot-1")).toMatchObject({
      labels: { pool: "spot" },
      taints: [{ key: "ci", effect: "NoSchedule" }],
      allocatable: { cpu: 4000, memory: 8 * 1024 ** 3, pods: 110 },
      annotations: { "cluster.x-k8s.io/machine": "spot-1" },
      isCordoned: false,
      isGoing: false,
    });
    for (const _again of [1, 2])
      await cluster.cordonNode("spot-1", { isCordoned: true, annotations: { "kubestack.io/leaving": "idle" } });
    await expect.poll(() => nodes.get("spot-1")?.isCordoned, patient).toBe(true);
    expect(nodes.get("spot-1")?.annotations["kubestack.io/leaving"]).toBe("idle");
    await cluster.cordonNode("spot-1", { isCordoned: false, annotations: { "kubestack.io/leaving": null } });
    await expect.poll(() => nodes.get("spot-1")?.isCordoned, patient).toBe(false);
    expect(nodes.get("spot-1")?.annotations["kubestack.io/leaving"]).toBeUndefined();
    await nodes.stop();
  });

  test("pods of all namespaces are followed until they are over, equal ones as one shape", async () => {
    const pods = watchPlacedPods({ cluster });
    await pods.synced;
    const pod = (name: string, more: object = {}) => ({
      metadata: { name, labels: { "kubestack.io/slave": name, "kubestack.io/master": "m" }, ...more },
      spec: { containers: [{ name: "jnlp", image: "agent", resources: { requests: { cpu: "1500m" } } }] },
    });
    for (const name of ["a", "b"])
      await plane.json("/api/v1/namespaces/ci-agents/pods", { method: "POST", body: pod(name) });
    await plane.json("/api/v1/namespaces/ci-machines/pods", { method: "POST", body: pod("c") });
    await expect.poll(() => pods.all().length, patient).toBe(3);
    const [a, b, c] = ["ci-agents/a", "ci-agents/b", "ci-machines/c"].map((name) => pods.get(name));
    expect(a).toMatchObject({ node: null, isEnding: false, marks: { "kubestack.io/slave": "a" }, madeBy: null });
    expect(a?.needs).toMatchObject({ requests: { cpu: 1500 }, namespace: "ci-agents" });
    expect(a?.needs === b?.needs).toBe(true);
    expect(c?.needs).toMatchObject({ namespace: "ci-machines" });
    for (const path of ["ci-agents/pods/a", "ci-agents/pods/b", "ci-machines/pods/c"])
      await plane.call(`/api/v1/namespaces/${path}`, { method: "DELETE", body: { gracePeriodSeconds: 0 } });
    await expect.poll(() => pods.all(), patient).toEqual([]);
    await pods.stop();
  });

  test("a machine that is marked goes first when its group gets smaller", async () => {
    await cluster.annotate(machine, { "cluster.x-k8s.io/delete-machine": "kubestack" });
    const scale = await cluster.getScale(spot);
    await cluster.setScale(spot, 1, scale?.revision ?? "");
    await expect.poll(() => group.nodes(), patient).toEqual(["spot-2"]);
  });

  test.each<[string, (cluster: Cluster) => Promise<unknown>]>([
    ["delete a node", (one) => one.request({ method: "DELETE", path: "/api/v1/nodes/spot-2" })],
    [
      "delete a machine",
      (one) => one.request({ method: "DELETE", path: `${group.path.replace(/machined.*/, "")}machines/spot-2` }),
    ],
    ["read Secrets", (one) => one.listSecrets("ci-agents", "a=b")],
    ["delete another namespace's pod", (one) => one.deletePod("ci-machines", "c")],
  ])("it can't %s", async (_, act) => {
    await expect(act(cluster)).rejects.toMatchObject({ code: "cluster-refused" });
  });
});
