import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ControlPlane, startControlPlane } from "../kubernetes/control-plane.ts";
import { processStart } from "../process/process-start.ts";
import { type Kwok, startKwok } from "./kwok.ts";
import { RUN_TIME_ANNOTATION } from "./stages.ts";

const PODS = "/api/v1/namespaces/default/pods";

let cluster: ControlPlane;
let kwok: Kwok;

beforeAll(async () => {
  cluster = await startControlPlane();
  kwok = await startKwok({ controlPlane: cluster, nodes: [{ name: "small", cpu: "1", labels: { pool: "ci" } }] });
}, 600_000);

afterAll(async () => {
  await kwok?.stop();
  await cluster?.stop();
});

interface PodView {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}

async function createPod(name: string, options: { cpu: string; annotations?: Record<string, string> }): Promise<void> {
  const container = { name: "main", image: "example.org/none", resources: { requests: { cpu: options.cpu } } };
  const body = {
    metadata: { name, annotations: options.annotations ?? {} },
    spec: { nodeSelector: { pool: "ci" }, containers: [container] },
  };
  await cluster.json(PODS, { method: "POST", body });
}

function expectPod(name: string, expected: object): Promise<void> {
  const look = async () => expect((await cluster.json(`${PODS}/${name}`)) as PodView).toMatchObject(expected);
  return vi.waitFor(look, { timeout: 20_000, interval: 50 });
}

test("a pod runs on a fake node until it is deleted", async () => {
  await createPod("stays", { cpu: "600m" });
  await expectPod("stays", { spec: { nodeName: "small" }, status: { phase: "Running" } });
  await cluster.json(`${PODS}/stays`, { method: "DELETE" });
  await vi.waitFor(async () => expect((await cluster.call(`${PODS}/stays`)).status).toBe(404), { timeout: 20_000 });
});

test("a pod with a run time succeeds after it", async () => {
  await createPod("short", { cpu: "100m", annotations: { [RUN_TIME_ANNOTATION]: "100ms" } });
  await expectPod("short", { status: { phase: "Succeeded" } });
});

test("what does not fit waits for a node that is added", async () => {
  await createPod("first", { cpu: "800m" });
  await expectPod("first", { spec: { nodeName: "small" } });
  await createPod("second", { cpu: "800m" });
  await expectPod("second", { status: { phase: "Pending", conditions: [{ reason: "Unschedulable" }] } });
  await kwok.addNodes([{ name: "large", cpu: "4", labels: { pool: "ci" } }]);
  await expectPod("second", { spec: { nodeName: "large" }, status: { phase: "Running" } });
});

test("a node that is not marked as fake is left alone", async () => {
  await cluster.json("/api/v1/nodes", { method: "POST", body: { metadata: { name: "real" } } });
  await kwok.addNodes([{ name: "later" }]); // made after it, and ready: kwok has seen both
  const real = (await cluster.json("/api/v1/nodes/real")) as { status: { conditions?: unknown } };
  expect(real.status.conditions).toBeUndefined();
});

test("stop leaves no process", async () => {
  await kwok.stop();
  expect(processStart(kwok.process.pid)).toBe("gone");
});
