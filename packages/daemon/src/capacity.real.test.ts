import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBus } from "@kubestack/bus";
import { readConfiguration } from "@kubestack/configuration";
import { commands } from "@kubestack/contracts";
import {
  addMachineKinds,
  type ControlPlane,
  type MachineGroup,
  type NatsServer,
  startControlPlane,
  startMachineGroup,
  startNatsServer,
} from "@kubestack/real-parts";
import { createLogger } from "@kubestack/runtime";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { startDaemon } from "./start.ts";

const patient = { timeout: 30_000, interval: 50 };
const namespace = "ci-agents";
let dir: string;
let plane: ControlPlane;
let nats: NatsServer;
let group: MachineGroup;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-capacity-"));
  [plane, nats] = await Promise.all([startControlPlane({ controllers: false }), startNatsServer()]);
  await addMachineKinds(plane);
  await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
  group = await startMachineGroup({ plane, namespace, name: "spot", node: { cpu: "4", labels: { pool: "spot" } } });
}, 300_000);
afterAll(async () => {
  await group?.stop();
  await Promise.all([plane?.stop(), nats?.stop()]);
  await rm(dir, { recursive: true, force: true });
});

const pool = {
  ...{ name: "spot", nodeLabels: { pool: "spot" }, shape: { cpu: 4, memory: "16Gi" }, max: 5 },
  target: { type: "scale", apiVersion: "cluster.x-k8s.io/v1beta1", kind: "MachineDeployment", namespace, name: "spot" },
};

test("the capacity-autoscaler runs as long as the file names node pools, and scales them", async () => {
  const file = join(dir, "config.yaml");
  const write = (nodePools: readonly object[]) =>
    writeFile(
      file,
      // JSON is YAML, too.
      JSON.stringify({
        install: "here",
        nats: { servers: [nats.url] },
        kubernetes: { namespace, kubeconfig: plane.adminKubeconfig },
        listen: { metrics: "off", hooks: "off" },
        masters: [{ name: "m", type: "external" }],
        templates: [{ name: "t", labels: ["t"], image: "i" }],
        nodePools,
      }),
    );
  await write([]);
  const source = { file, environment: {} };
  const daemon = await startDaemon({
    ...{ read: await readConfiguration(source), source, services: ["capacity-autoscaler"] },
    ...{ log: createLogger({ level: "silent" }), environment: {} },
  });
  onTestFinished(() => daemon.stop());
  const bus = await connectBus({ servers: [nats.url], name: "test" });
  onTestFinished(() => bus.close());
  const standings = () => bus.requestAll(commands.pools, {});
  expect(await standings()).toEqual([]);
  await write([pool]);
  await vi.waitFor(async () => expect(await standings()).toMatchObject([{ isLeader: true }]), patient);
  const labels = { "kubestack.io/install": "here", "kubestack.io/slave": "ks-m-1" };
  const body = { metadata: { name: "ks-m-1", labels }, spec: { containers: [{ name: "jnlp", image: "agent" }] } };
  await plane.json(`/api/v1/namespaces/${namespace}/pods`, { method: "POST", body });
  await vi.waitFor(() => expect(group.nodes()).toEqual(["spot-1"]), patient);
  await write([]);
  await vi.waitFor(async () => expect(await standings()).toEqual([]), patient);
}, 120_000);
