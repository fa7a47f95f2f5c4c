import { type Cluster, connectCluster } from "@kubestack/kubernetes";
import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { until } from "../bed.fixture.ts";
import { ForeignPods } from "./foreign-pods.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let plane: ControlPlane;
let cluster: Cluster;

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = connectCluster({ kind: "kubeconfig", path: plane.adminKubeconfig });
});
afterAll(async () => {
  await cluster?.close();
  await plane?.stop();
});

const gibi = 1024 ** 3;

async function makePod(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const resources = { requests: { cpu: "250m", memory: "1Gi" } };
  const body = {
    metadata: { name, labels },
    spec: { containers: [{ name: "jnlp", image: "registry.example.org/agent:1", resources }] },
  };
  await plane.json("/api/v1/namespaces/foreign/pods", { method: "POST", body });
}

test("the Kubernetes plugin's pods count as long as they are there; ours and those of others do not", async () => {
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: "foreign" } } });
  await until(() => expect(plane.json("/api/v1/namespaces/foreign/serviceaccounts/default")).resolves.toBeDefined());
  await makePod("theirs", { jenkins: "slave", "jenkins/label": "maven" });
  await makePod("imported", { "jenkins/label": "maven", "app.kubernetes.io/managed-by": "kubestack" });
  await makePod("somebody", { app: "web" });
  const foreign = new ForeignPods({ cluster, namespace: "foreign", onError: () => undefined });
  expect(foreign.used()).toBeUndefined();

  foreign.count(true);
  expect(() => foreign.used()).toThrow(/are not read yet.*nothing is launched before/);
  await until(() => expect(foreign.used()).toEqual({ slaves: 1, cpu: 250, memory: gibi }));
  await makePod("theirs-2", { jenkins: "slave", "jenkins/label": "maven" });
  await until(() => expect(foreign.used()).toEqual({ slaves: 2, cpu: 500, memory: 2 * gibi }));
  await plane.json("/api/v1/namespaces/foreign/pods/theirs?gracePeriodSeconds=0", { method: "DELETE" });
  await until(() => expect(foreign.used()).toEqual({ slaves: 1, cpu: 250, memory: gibi }));

  foreign.count(false);
  expect(foreign.used()).toBeUndefined();
  await foreign.stop();
});
