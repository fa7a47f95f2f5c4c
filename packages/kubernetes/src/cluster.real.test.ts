import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCountingProxy } from "../test/counting-proxy.ts";
import { type Cluster, connectCluster } from "./cluster.ts";

const namespace = "ci-agents";
let plane: ControlPlane;
let cluster: Cluster;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: false });
  cluster = connectCluster({ kind: "kubeconfig", path: plane.adminKubeconfig, qps: 2_000, burst: 2_000 });
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
});

afterAll(async () => {
  await cluster?.close();
  await plane?.stop();
});

const labels = { "app.kubernetes.io/managed-by": "kubestack" };
const pod = (name: string) => ({
  metadata: { name, labels },
  spec: { containers: [{ name: "jnlp", image: "agent" }] },
});

describe("pods", () => {
  test("creating twice meets already-exists, and the first one stays", async () => {
    const created = await cluster.createPod(namespace, pod("twice"));
    await expect(cluster.createPod(namespace, pod("twice"))).rejects.toMatchObject({
      code: "already-exists",
      retry: "never",
      message: expect.stringMatching(
        /^Cannot create pods twice in namespace ci-agents at https:\/\/127.0.0.1:\d+ \(409 AlreadyExists\)/,
      ),
    });
    const found = await cluster.getPod(namespace, "twice");
    expect(found?.metadata?.uid).toBe(created.uid);
    expect(found?.metadata?.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test("only the pod of the given uid is deleted, and deleting may be repeated", async () => {
    const { uid } = await cluster.createPod(namespace, pod("victim"));
    expect(await cluster.deletePod(namespace, "victim", { uid: "another" })).toBe("not-this-one");
    expect(await cluster.getPod(namespace, "victim")).toBeDefined();
    expect(await cluster.deletePod(namespace, "victim", { uid })).toBe("accepted");
    expect(await cluster.deletePod(namespace, "victim", { uid })).toBe("gone");
    expect(await cluster.getPod(namespace, "victim")).toBeUndefined();
  });

  test("a pod on a node goes in its grace; a name in use by a going pod is taken; force ends it at once", async () => {
    const { uid } = await cluster.createPod(namespace, {
      ...pod("bound"),
      spec: { ...pod("bound").spec, nodeName: "lost" },
    });
    expect(await cluster.deletePod(namespace, "bound", { uid, graceSeconds: 600 })).toBe("accepted");
    expect((await cluster.getPod(namespace, "bound"))?.metadata?.deletionGracePeriodSeconds).toBe(600);
    await expect(cluster.createPod(namespace, pod("bound"))).rejects.toMatchObject({ code: "already-exists" });
    expect(await cluster.deletePod(namespace, "bound", { uid, force: true })).toBe("accepted");
    expect(await cluster.getPod(namespace, "bound")).toBeUndefined();
  });

  test("a list is read in pages and by label", async () => {
    const many = Array.from({ length: 620 }, (_, index) => pod(`many-${index}`));
    await Promise.all(
      many.map((one) => cluster.createPod(namespace, { ...one, metadata: { ...one.metadata, labels: { many: "x" } } })),
    );
    expect(await cluster.listPods(namespace, "many=x")).toHaveLength(620);
    await cluster.request({
      method: "DELETE",
      path: `/api/v1/namespaces/${namespace}/pods`,
      query: { labelSelector: "many=x" },
    });
    expect(await cluster.listPods(namespace, "many=x")).toEqual([]);
  });

  test("what the API server does not know or allow is refused in its own words", async () => {
    const typo = { ...pod("typo"), spec: { containers: [{ name: "jnlp", image: "agent", imagePulPolicy: "Always" }] } };
    await expect(cluster.createPod(namespace, typo)).rejects.toMatchObject({
      code: "cluster-refused",
      message: expect.stringContaining('unknown field "spec.containers[0].imagePulPolicy"'),
    });
    await expect(
      cluster.createPod(namespace, { metadata: { name: "Bad_Name" }, spec: { containers: [] } }),
    ).rejects.toMatchObject({
      code: "cluster-refused",
      retry: "never",
      message: expect.stringContaining("422 Invalid"),
    });
    await expect(cluster.createPod("no-such", pod("x"))).rejects.toMatchObject({ code: "not-found" });
  });

  test("a used-up quota has its own code", async () => {
    await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: "full" } } });
    await plane.json("/api/v1/namespaces/full/resourcequotas", {
      method: "POST",
      body: { metadata: { name: "none" }, spec: { hard: { pods: "0" } } },
    });
    await plane.json("/api/v1/namespaces/full/resourcequotas/none/status", {
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body: { status: { hard: { pods: "0" }, used: { pods: "0" } } },
    });
    await expect(cluster.createPod("full", pod("x"))).rejects.toMatchObject({
      code: "quota-exceeded",
      message: expect.stringContaining("exceeded quota: none"),
    });
  });

  test("the log of a pod that runs nowhere is refused, not empty", async () => {
    await cluster.createPod(namespace, pod("no-log"));
    await expect(cluster.podLog(namespace, "no-log", { container: "jnlp" })).rejects.toMatchObject({
      message: expect.stringContaining("Cannot get pods/log no-log in namespace ci-agents"),
    });
  });
});

test("a Secret is made with its owner, read, listed by label and deleted", async () => {
  const { uid } = await cluster.createPod(namespace, pod("owner"));
  const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "owner", uid }];
  const secret = { metadata: { name: "owner", labels, ownerReferences }, stringData: { secret: "s3cret" } };
  const created = await cluster.createSecret(namespace, secret);
  await expect(cluster.createSecret(namespace, secret)).rejects.toMatchObject({ code: "already-exists" });
  const found = await cluster.getSecret(namespace, "owner");
  expect(Buffer.from(found?.data?.secret ?? "", "base64").toString()).toBe("s3cret");
  expect(found?.metadata?.ownerReferences?.[0]?.uid).toBe(uid);
  const listed = await cluster.listSecrets(namespace, "app.kubernetes.io/managed-by=kubestack");
  expect(listed.map((one) => one.metadata?.name)).toEqual(["owner"]);
  expect(await cluster.deleteSecret(namespace, "owner", { uid: "another" })).toBe("not-this-one");
  expect(await cluster.deleteSecret(namespace, "owner", { uid: created.uid })).toBe("accepted");
  expect(await cluster.deleteSecret(namespace, "owner")).toBe("gone");
  expect(await cluster.getSecret(namespace, "owner")).toBeUndefined();
});

test("a Service is made with its owner, read, listed by label and deleted; one that is wrong is refused in words", async () => {
  const { uid } = await cluster.createPod(namespace, pod("served"));
  const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "served", uid }];
  const spec = { clusterIP: "None", selector: { a: "b" }, ports: [{ name: "db", port: 5432 }] };
  const service = { metadata: { name: "served-db", labels, ownerReferences }, spec };
  const created = await cluster.createService(namespace, service);
  await expect(cluster.createService(namespace, service)).rejects.toMatchObject({ code: "already-exists" });
  const wrong = { metadata: { name: "wrong" }, spec: { ...spec, ports: [{ name: "db", port: 70_000 }] } };
  await expect(cluster.createService(namespace, wrong)).rejects.toMatchObject({
    code: "cluster-refused",
    retry: "never",
    message: expect.stringContaining("must be between 1 and 65535"),
  });
  const found = await cluster.getService(namespace, "served-db");
  expect(found?.metadata?.ownerReferences?.[0]?.uid).toBe(uid);
  const listed = await cluster.listServices(namespace, "app.kubernetes.io/managed-by=kubestack");
  expect(listed.map((one) => one.metadata?.name)).toEqual(["served-db"]);
  expect(await cluster.deleteService(namespace, "served-db", { uid: "another" })).toBe("not-this-one");
  expect(await cluster.deleteService(namespace, "served-db", { uid: created.uid })).toBe("accepted");
  expect(await cluster.deleteService(namespace, "served-db")).toBe("gone");
});

test("a Lease is replaced only by who has seen its last state", async () => {
  const lease = {
    name: "kubestack-test",
    labels,
    annotations: { "kubestack.io/install": "test" },
    holder: "store-1",
    durationSeconds: 60,
    renewedAt: Date.UTC(2026, 0, 1),
  };
  expect(await cluster.getLease(namespace, lease.name)).toBeUndefined();
  await cluster.createLease(namespace, lease);
  await expect(cluster.createLease(namespace, lease)).rejects.toMatchObject({ code: "already-exists" });
  const first = await cluster.getLease(namespace, lease.name);
  expect(first).toMatchObject({ holder: "store-1", annotations: { "kubestack.io/install": "test" } });
  await cluster.replaceLease(namespace, { ...lease, holder: "store-2" }, first?.revision ?? "");
  await expect(cluster.replaceLease(namespace, lease, first?.revision ?? "")).rejects.toMatchObject({
    code: "stale-revision",
  });
  expect((await cluster.getLease(namespace, lease.name))?.holder).toBe("store-2");
});

test("version, rights and namespaces are asked of the server", async () => {
  expect((await cluster.version()).gitVersion).toMatch(/^v1\.\d+/);
  expect(await cluster.canI("delete", "deployments.apps/scale", "anywhere")).toBe(true);
  expect(await cluster.namespaceExists(namespace)).toBe(true);
  expect(await cluster.namespaceExists("no-such")).toBe(false);
  expect(await cluster.namespaceUid(namespace)).toMatch(/^[0-9a-f-]{36}$/);
});

describe("the connection", () => {
  const at = (url: string, changes: object = {}) =>
    connectCluster({
      kind: "url",
      url,
      token: () => plane.adminToken,
      caPem: plane.ca,
      qps: 10_000,
      burst: 10_000,
      ...changes,
    });

  test("is one for up to a hundred requests at once, the very first included, and never one for each", async () => {
    const proxy = await startCountingProxy(plane.url);
    const client = at(proxy.url);
    try {
      for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 90 }, () => client.version()));
      expect(proxy.accepted()).toBe(1);
      await Promise.all(Array.from({ length: 300 }, () => client.version()));
      expect(proxy.accepted()).toBeLessThanOrEqual(4);
    } finally {
      await client.close();
      await proxy.stop();
    }
  });

  test("that went silent is given up after one time-out, and the next request gets through", async () => {
    const proxy = await startCountingProxy(plane.url);
    const client = at(proxy.url, { timeoutMs: 1_000 });
    try {
      await client.version();
      proxy.freeze();
      await expect(client.version()).rejects.toMatchObject({ code: "cluster-unavailable" });
      await expect.poll(() => client.version().catch(() => undefined), { timeout: 15_000 }).toBeDefined();
      expect(proxy.accepted()).toBe(2);
    } finally {
      await client.close();
      await proxy.stop();
    }
  });

  test("trusts no unknown authority, and says what to give", async () => {
    const client = connectCluster({ kind: "url", url: plane.url, token: () => plane.adminToken });
    await expect(client.version()).rejects.toMatchObject({
      code: "cluster-unavailable",
      message: expect.stringContaining("give the cluster's CA"),
    });
    await client.close();
    const careless = connectCluster({
      kind: "url",
      url: plane.url,
      token: () => plane.adminToken,
      insecureSkipVerify: true,
    });
    expect((await careless.version()).major).toBe("1");
    await careless.close();
  });

  test("with a wrong token is refused, without the token in the sentence; a right one is taken up at once", async () => {
    let token = "wrong-secret-token";
    const client = at(plane.url, { token: () => token });
    const error = await client.listPods(namespace).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "credential-refused" });
    expect(String(error)).not.toContain(token);
    token = plane.adminToken;
    await client.listPods(namespace);
    await client.close();
  });
});
