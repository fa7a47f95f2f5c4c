import { readFile } from "node:fs/promises";
import { loadAllYaml } from "@kubernetes/client-node";
import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, connectCluster } from "./cluster.ts";
import { watchConfigMaps } from "./watch/watch-config-maps.ts";
import { watchPods } from "./watch/watch-pods.ts";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const collections: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => "/api/v1/namespaces",
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  Role: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
  ClusterRole: () => "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: () => "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  PriorityClass: () => "/apis/scheduling.k8s.io/v1/priorityclasses",
  RoleBinding: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
};

let plane: ControlPlane;
const clusters: Cluster[] = [];

async function as(name: string): Promise<Cluster> {
  const token = await plane.serviceAccountToken({ namespace: "kubestack", name });
  const cluster = connectCluster({ kind: "url", url: plane.url, token: () => token, caPem: plane.ca });
  clusters.push(cluster);
  return cluster;
}

beforeAll(async () => {
  plane = await startControlPlane({ controllers: false });
  await apply("rbac.yaml");
});

async function apply(file: string): Promise<void> {
  const text = await readFile(new URL(`../../../deploy/${file}`, import.meta.url), "utf8");
  for (const manifest of loadAllYaml(text) as Manifest[]) {
    const path = collections[manifest.kind]?.(manifest.metadata.namespace ?? "");
    expect(path, `${manifest.kind} in deploy/${file}`).toBeDefined();
    await plane.json(`${path}?fieldValidation=Strict`, { method: "POST", body: manifest });
  }
}

afterAll(async () => {
  for (const cluster of clusters) await cluster.close();
  await plane?.stop();
});

const labels = { "app.kubernetes.io/managed-by": "kubestack" };
const pod = { metadata: { name: "ks-a", labels }, spec: { containers: [{ name: "jnlp", image: "agent" }] } };

test("under the shipped rights, the slave-supervisor's whole work is done", async () => {
  const cluster = await as("slave-supervisor");
  const source = watchPods({ cluster, namespace: "ci-agents" });
  await source.synced;
  expect(await cluster.namespaceExists("ci-agents")).toBe(true);
  const { uid } = await cluster.createPod("ci-agents", pod);
  await expect.poll(() => source.get("ks-a")?.uid, { timeout: 10_000 }).toBe(uid);
  const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "ks-a", uid }];
  await cluster.createSecret("ci-agents", {
    metadata: { name: "ks-a", labels, ownerReferences },
    stringData: { secret: "x" },
  });
  expect(await cluster.getSecret("ci-agents", "ks-a")).toBeDefined();
  expect(await cluster.listSecrets("ci-agents", "app.kubernetes.io/managed-by=kubestack")).toHaveLength(1);
  expect(await cluster.deleteSecret("ci-agents", "ks-a")).toBe("accepted");
  await cluster.createService("ci-agents", {
    metadata: { name: "ks-a-db", labels, ownerReferences },
    spec: { clusterIP: "None", ports: [{ port: 5432 }] },
  });
  expect(await cluster.getService("ci-agents", "ks-a-db")).toBeDefined();
  expect(await cluster.listServices("ci-agents", "app.kubernetes.io/managed-by=kubestack")).toHaveLength(1);
  expect(await cluster.deleteService("ci-agents", "ks-a-db")).toBe("accepted");
  expect(await cluster.listPods("ci-agents")).toHaveLength(1);
  expect(await cluster.getPod("ci-agents", "ks-a")).toBeDefined();
  await source.resync();
  expect(await cluster.canI("get", "pods/log", "ci-agents")).toBe(true);
  const lease = { name: "kubestack-a", labels, annotations: {}, holder: "one", durationSeconds: 60, renewedAt: 0 };
  await cluster.createLease("ci-agents", lease);
  const held = await cluster.getLease("ci-agents", lease.name);
  await cluster.replaceLease("ci-agents", { ...lease, holder: "two" }, held?.revision ?? "");
  const annotations = { "kubestack.io/retained-until": "2026-12-01T08:00:00.000Z" };
  expect(await cluster.stopPod("ci-agents", "ks-a", { uid: "another", annotations })).toBe("not-this-one");
  for (const _again of [1, 2])
    expect(await cluster.stopPod("ci-agents", "ks-a", { uid, annotations })).toBe("accepted");
  const stopped = await cluster.getPod("ci-agents", "ks-a");
  expect(stopped).toMatchObject({ metadata: { annotations }, spec: { activeDeadlineSeconds: 1 } });
  expect(await cluster.deletePod("ci-agents", "ks-a", { uid })).toBe("accepted");
  expect(await cluster.stopPod("ci-agents", "ks-a", { uid, annotations })).toBe("gone");
  await expect.poll(() => source.all(), { timeout: 10_000 }).toEqual([]);
  expect(source.status().lastError).toBeUndefined();
  await source.stop();
});

describe("beyond them, it is refused in a sentence that says what to grant", () => {
  const refused: readonly (readonly [string, (cluster: Cluster) => Promise<unknown>])[] = [
    ["list pods in namespace default", (cluster) => cluster.listPods("default")],
    ["list pods in namespace kubestack", (cluster) => cluster.listPods("kubestack")],
    ["list pods", (cluster) => cluster.request({ method: "GET", path: "/api/v1/pods" })],
    ["list secrets in namespace kubestack", (cluster) => cluster.listSecrets("kubestack", "a=b")],
    ["create pods ks-a in namespace kubestack", (cluster) => cluster.createPod("kubestack", pod)],
    ["get namespaces kubestack", (cluster) => cluster.namespaceExists("kubestack")],
    [
      "list persistentvolumeclaims in namespace ci-agents",
      (cluster) => cluster.request({ method: "GET", path: "/api/v1/namespaces/ci-agents/persistentvolumeclaims" }),
    ],
    [
      "create configmaps c in namespace ci-agents",
      (cluster) =>
        cluster.request({
          method: "POST",
          path: "/api/v1/namespaces/ci-agents/configmaps",
          body: { metadata: { name: "c" } },
        }),
    ],
    [
      "update pods ks-a in namespace ci-agents",
      (cluster) =>
        cluster.request({
          method: "PUT",
          path: "/api/v1/namespaces/ci-agents/pods/ks-a",
          body: { metadata: { name: "ks-a" } },
        }),
    ],
    [
      "update secrets ks-a in namespace ci-agents",
      (cluster) =>
        cluster.request({
          method: "PUT",
          path: "/api/v1/namespaces/ci-agents/secrets/ks-a",
          body: { metadata: { name: "ks-a" } },
        }),
    ],
    ["get leases l in namespace kubestack", (cluster) => cluster.getLease("kubestack", "l")],
    [
      "delete leases kubestack-a in namespace ci-agents",
      (cluster) =>
        cluster.request({
          method: "DELETE",
          path: "/apis/coordination.k8s.io/v1/namespaces/ci-agents/leases/kubestack-a",
        }),
    ],
    ["list nodes", (cluster) => cluster.request({ method: "GET", path: "/api/v1/nodes" })],
  ];

  test.each(refused)("%s", async (what, act) => {
    const cluster = await as("slave-supervisor");
    await expect(act(cluster)).rejects.toMatchObject({
      code: "cluster-refused",
      message: expect.stringMatching(
        new RegExp(`^Cannot ${what} at .*\\(403 Forbidden\\).*cannot .*deploy/rbac\\*.yaml`),
      ),
    });
  });
});

test.each(["demand-collector", "completion-collector", "api"])(
  "%s can do nothing at all in the cluster",
  async (name) => {
    const cluster = await as(name);
    for (const resource of ["pods", "secrets"])
      for (const verb of ["get", "list", "create", "delete"])
        expect(await cluster.canI(verb, resource, "ci-agents")).toBe(false);
    await expect(cluster.listPods("ci-agents")).rejects.toMatchObject({ code: "cluster-refused" });
  },
);

test("without the optional right a machine's health is unknown; with it, it is told, and no machine can be listed (H29)", async () => {
  const cluster = await as("slave-supervisor");
  expect(await cluster.nodeHealth("machine")).toBe("unknown");
  await apply("rbac-nodes.yaml");
  // What was granted a moment ago is not known to the API server at once.
  await expect.poll(() => cluster.nodeHealth("machine"), { timeout: 10_000 }).toBe("gone");
  const node = { metadata: { name: "machine" } };
  await plane.json("/api/v1/nodes", { method: "POST", body: node });
  expect(await cluster.nodeHealth("machine")).toBe("not-ready");
  const status = (ready: string) => ({ ...node, status: { conditions: [{ type: "Ready", status: ready }] } });
  const told = async (ready: string) => {
    await plane.json("/api/v1/nodes/machine/status", {
      method: "PATCH",
      body: status(ready),
      contentType: "application/merge-patch+json",
    });
    return cluster.nodeHealth("machine");
  };
  expect([await told("True"), await told("Unknown"), await told("False")]).toEqual(["ready", "not-ready", "not-ready"]);
  await expect(cluster.request({ method: "GET", path: "/api/v1/nodes" })).rejects.toMatchObject({
    code: "cluster-refused",
  });
});

test("with the optional rights in a team's namespace its labelled ConfigMaps are followed there, and nothing else is given", async () => {
  const cluster = await as("slave-supervisor");
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: "team-a" } } });
  await apply("rbac-templates.yaml");
  await expect.poll(() => cluster.canI("watch", "configmaps", "team-a"), { timeout: 10_000 }).toBe(true);
  const source = watchConfigMaps({ cluster, namespace: "team-a", selector: "kubestack.io/templates=true" });
  await source.synced;
  const put = (name: string, labels: Record<string, string>) =>
    plane.json("/api/v1/namespaces/team-a/configmaps", {
      method: "POST",
      body: { metadata: { name, labels }, data: { a: "text" }, binaryData: { b: "AAAA" } },
    });
  await put("other", {});
  await put("templates", { "kubestack.io/templates": "true" });
  await expect
    .poll(() => source.all(), { timeout: 10_000 })
    .toEqual([{ name: "templates", data: { a: "text" }, isTooLong: false }]);
  await source.stop();
  for (const [verb, resource] of [
    ["get", "configmaps"],
    ["update", "configmaps"],
    ["list", "secrets"],
    ["list", "pods"],
  ] as const)
    expect(await cluster.canI(verb, resource, "team-a")).toBe(false);
  for (const namespace of ["ci-agents", "default"])
    expect(await cluster.canI("list", "configmaps", namespace)).toBe(false);
});
