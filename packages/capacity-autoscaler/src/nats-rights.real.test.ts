import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus } from "@kubestack/bus";
import { channels, keys, subjects } from "@kubestack/contracts";
import { connectCluster } from "@kubestack/kubernetes";
import {
  addMachineKinds,
  type ControlPlane,
  startControlPlane,
  startMachineGroup,
  startNatsServer,
  type TemporaryFolder,
  temporaryFolder,
} from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { nodePoolSchema } from "./pools/entry.ts";
import { startCapacityAutoscaler } from "./service.ts";

const rights = fileURLToPath(new URL("../../../deploy/nats-capacity-autoscaler.conf", import.meta.url));
const patient = { timeout: 20_000, interval: 50 };
const [namespace, name] = ["default", "spot"];
let folder: TemporaryFolder;
let plane: ControlPlane;

beforeAll(async () => {
  [folder, plane] = await Promise.all([temporaryFolder("nats-rights"), startControlPlane({ controllers: false })]);
  await addMachineKinds(plane);
  await plane.call("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
}, 300_000);
afterAll(async () => {
  await folder?.remove();
  await plane?.stop();
});

/** What a supervisor planned. */
async function fill(): Promise<void> {
  const nats = await startNatsServer({ dir: folder.path });
  const bus = await connectBus({ servers: [nats.url], name: "world" });
  const needs = { requests: { cpu: 1000 } };
  const launch = {
    template: "t",
    count: 1,
    shape: { cpu: "1", memory: "1Gi" },
    reason: "r",
    needs,
    slaves: ["ks-m-1"],
  };
  const plan = { master: "m", at: bus.clock.now(), round: null, launches: [launch], waiting: [], more: 0 };
  await bus.publish(channels.plan, subjects.plan("m"), plan);
  await bus.close();
  await nats.stop();
}

test("what deploy/nats-capacity-autoscaler.conf lets a user do is all that the service needs, and no more", async () => {
  await fill();
  const users = `users: [{ user: one, password: x, permissions: { ${await readFile(rights, "utf8")}\n } }]`;
  const nats = await startNatsServer({ dir: folder.path, config: `authorization { ${users} }\nno_auth_user: one` });
  onTestFinished(() => nats.stop());
  const group = await startMachineGroup({ plane, namespace, name, node: { cpu: "4", labels: { pool: name } } });
  onTestFinished(() => group.stop());
  const bus = await connectBus({ servers: [nats.url], name: "autoscaler", makesStores: false });
  onTestFinished(() => bus.close());
  const cluster = connectCluster({ kind: "kubeconfig", path: plane.adminKubeconfig });
  onTestFinished(() => cluster.close());
  const pool = nodePoolSchema.parse({
    ...{ name, nodeLabels: { pool: name }, shape: { cpu: 4, memory: "16Gi" }, max: 5 },
    target: { type: "scale", apiVersion: "cluster.x-k8s.io/v1beta1", kind: "MachineDeployment", namespace, name },
  });
  const autoscaler = await startCapacityAutoscaler({
    ...{ install: "test", version: "1.0.0", namespace, settings: { nodePools: [pool], capacity: {} } },
    ...{ bus, cluster, log: createLogger({ level: "silent" }), timing: systemTiming },
  });
  await vi.waitFor(() => expect(group.nodes()).toEqual(["spot-1"]), patient);
  await autoscaler.stop();
  expect(await refusals()).toEqual([]);

  await expect(bus.leases.create(keys.lease("slave-supervisor", "m"), { holder: "x" })).rejects.toThrow();
  await vi.waitFor(
    async () => expect((await refusals()).join("\n")).toMatch(/Publish.*\$KV\.kubestack_leases\.slave-supervisor/),
    patient,
  );

  async function refusals(): Promise<string[]> {
    const lines = (await readFile(join(folder.path, "nats-server.log"), "utf8")).split("\n");
    return lines.filter((line) => /violation/i.test(line));
  }
}, 120_000);
