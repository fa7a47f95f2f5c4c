import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startCountingProxy } from "../../test/counting-proxy.ts";
import { type Cluster, connectCluster } from "../cluster.ts";
import type { PodObservation } from "./pod-observation.ts";
import type { ObjectSource } from "./watch-objects.ts";
import { type WatchPodsOptions, watchPods } from "./watch-pods.ts";

const namespace = "ci-agents";
const waiting = { timeout: 30_000, interval: 20 };
const ends: (() => Promise<unknown>)[] = [];
let plane: ControlPlane;
let admin: Cluster;

beforeAll(async () => {
  plane = await startControlPlane({ controllers: false });
  admin = connectCluster({ kind: "kubeconfig", path: plane.adminKubeconfig });
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await admin.request({
    method: "DELETE",
    path: `/api/v1/namespaces/${namespace}/pods`,
    body: { gracePeriodSeconds: 0 },
  });
});

afterAll(async () => {
  await admin?.close();
  await plane?.stop();
});

const labels = { "app.kubernetes.io/managed-by": "kubestack" };
const pod = (name: string, more: Record<string, string> = labels) => ({
  metadata: { name, labels: more, annotations: { "kubestack.io/nonce": "n1", "other/thing": "x" } },
  spec: { containers: [{ name: "jnlp", image: "agent" }] },
});

interface Watching {
  readonly source: ObjectSource<PodObservation>;
  readonly events: string[];
  readonly errors: unknown[];
}

async function watching(cluster: Cluster, options: Partial<WatchPodsOptions> = {}): Promise<Watching> {
  const events: string[] = [];
  const errors: unknown[] = [];
  const source = watchPods({
    cluster,
    namespace,
    onEvent: ({ kind, name }) => events.push(`${kind} ${name}`),
    onError: (error) => errors.push(error),
    ...options,
  });
  ends.push(source.stop);
  await source.synced;
  await expect.poll(() => source.status().state, waiting).toBe("synced");
  return { source, events, errors };
}

async function throughProxy(timeoutMs = 10_000) {
  const proxy = await startCountingProxy(plane.url);
  ends.push(proxy.stop);
  const cluster = connectCluster({
    kind: "url",
    url: proxy.url,
    token: () => plane.adminToken,
    caPem: plane.ca,
    timeoutMs,
  });
  ends.push(cluster.close);
  return { proxy, cluster };
}

const patchStatus = (name: string, status: object) =>
  admin.request({
    method: "PATCH",
    path: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
    contentType: "application/merge-patch+json",
    body: { status },
  });

/** Pod watches of the agents' namespace that the server has open, by its own count. */
async function openWatches(): Promise<number> {
  const { body } = await plane.call("/metrics");
  const lines = body.split("\n").filter((line) => /^apiserver_longrunning_requests\{.*resource="pods"/.test(line));
  return lines
    .filter((line) => line.includes('scope="namespace"') && line.includes('verb="WATCH"'))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

test("pods are seen coming, changing and going, in the form that is kept", async () => {
  await admin.createPod(namespace, pod("before"));
  const { source, events } = await watching(admin);
  expect(events).toEqual(["added before"]);
  await admin.createPod(namespace, pod("foreign", {}));
  const { uid } = await admin.createPod(namespace, pod("a"));
  await patchStatus("a", {
    phase: "Running",
    containerStatuses: [
      {
        name: "jnlp",
        image: "agent",
        imageID: "sha256:1",
        ready: false,
        restartCount: 0,
        state: {
          terminated: {
            exitCode: 137,
            reason: "OOMKilled",
            startedAt: "2026-01-01T00:00:00Z",
            finishedAt: "2026-01-01T00:00:05Z",
          },
        },
      },
    ],
  });
  await expect.poll(() => source.get("a")?.phase, waiting).toBe("Running");
  expect(source.get("a")).toMatchObject({
    uid,
    labels,
    annotations: { "kubestack.io/nonce": "n1" },
    nodeName: null,
    deletionTimestamp: null,
    graceSeconds: null,
    disruption: null,
    containers: [
      { name: "jnlp", isInit: false, state: "terminated", reason: "OOMKilled", exitCode: 137, imageId: "sha256:1" },
    ],
  });
  expect(source.get("a")?.containers[0]).toMatchObject({
    startedAt: Date.UTC(2026, 0, 1),
    finishedAt: Date.UTC(2026, 0, 1, 0, 0, 5),
  });
  await admin.deletePod(namespace, "a", { uid, force: true });
  await expect.poll(() => source.get("a"), waiting).toBeUndefined();
  expect(events.filter((event) => event.endsWith(" foreign"))).toEqual([]);
  expect(events.at(-1)).toBe("gone a");
});

test("one watch and one connection serve any number of pods and readers", async () => {
  const { proxy, cluster } = await throughProxy();
  const { source } = await watching(cluster);
  source.onChange(() => undefined);
  await Promise.all(Array.from({ length: 60 }, (_, index) => cluster.createPod(namespace, pod(`one-${index}`))));
  await expect.poll(() => source.all().length, waiting).toBe(60);
  expect(await openWatches()).toBe(1);
  expect(proxy.accepted()).toBe(1);
  await source.stop();
  await expect.poll(openWatches, waiting).toBe(0);
});

test("deleted and made again behind a broken connection is gone, then added: two pods", async () => {
  const { proxy, cluster } = await throughProxy();
  const first = await admin.createPod(namespace, pod("again"));
  const { source, events } = await watching(cluster);
  proxy.cut();
  await expect.poll(() => source.status().state, waiting).toBe("disconnected");
  await admin.deletePod(namespace, "again", { uid: first.uid, force: true });
  const second = await admin.createPod(namespace, pod("again"));
  expect(source.get("again")?.uid).toBe(first.uid);
  proxy.restore();
  await expect.poll(() => source.get("again")?.uid, waiting).toBe(second.uid);
  expect(events.filter((event) => !event.startsWith("changed"))).toEqual(["added again", "gone again", "added again"]);
});

test("an API server that is killed and comes back is found by itself, and nothing that happened is lost", async () => {
  await admin.createPod(namespace, pod("kept"));
  const { source, events, errors } = await watching(admin);
  await plane.stopApiServer();
  await expect.poll(() => source.status().state, waiting).toBe("disconnected");
  expect(source.status().lastError).toContain("Cannot watch pods in namespace ci-agents");
  expect(source.get("kept")).toBeDefined();
  await plane.startApiServer();
  await admin.createPod(namespace, pod("later"));
  await expect.poll(() => source.get("later"), waiting).toBeDefined();
  expect(source.status().state).toBe("synced");
  expect(events).toEqual(["added kept", "added later"]);
  expect(errors.length).toBeGreaterThan(0);
  await expect.poll(openWatches, waiting).toBe(1);
});

test("a connection that went silent is noticed at the next resync", async () => {
  const { proxy, cluster } = await throughProxy();
  const { source } = await watching(cluster, { resyncMs: 400, listTimeoutMs: 700 });
  proxy.freeze();
  await admin.createPod(namespace, pod("unheard"));
  await expect.poll(() => source.get("unheard"), waiting).toBeDefined();
  await expect.poll(() => source.status().state, waiting).toBe("synced");
});

test("a resync against the real server finds nothing to change", async () => {
  const { source, events } = await watching(admin);
  await admin.createPod(namespace, pod("calm"));
  await expect.poll(() => source.get("calm"), waiting).toBeDefined();
  const before = [...events];
  await source.resync();
  await source.resync();
  expect(events).toEqual(before);
});
