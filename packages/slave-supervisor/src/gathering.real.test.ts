import { type ControlPlane, type Kwok, startControlPlane, startKwok } from "@kubestack/real-parts";
import { onPools, podOf, type TemplateConfig } from "@kubestack/templates";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { until } from "./bed.fixture.ts";
import { template } from "./slave-record.fixture.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const pods = "/api/v1/namespaces/default/pods";
const pool = { name: "spot", nodeLabels: { pool: "spot" }, taints: [] };
const nodes = ["a", "b", "c", "d"].map((name) => ({ name, cpu: "8", labels: pool.nodeLabels }));

let plane: ControlPlane;
let kwok: Kwok;

beforeAll(async () => {
  plane = await startControlPlane();
  kwok = await startKwok({ controlPlane: plane, nodes });
  await until(() => expect(plane.json("/api/v1/namespaces/default/serviceaccounts/default")).resolves.toBeDefined());
});
afterAll(async () => {
  await kwok?.stop();
  await plane?.stop();
});

/** Launches a slave of a template on the real scheduler, and says on which node it comes to be. */
async function nodeOf(of: TemplateConfig, number: number): Promise<string> {
  const name = `${of.name}-${number}`;
  const marks = { install: "i", master: "m", template: of.name, epoch: "abcd", number, nonce: "n", labels: of.labels };
  const agent = { env: {}, secret: null, podLabels: {}, program: "own" } as const;
  await plane.json(pods, { method: "POST", body: podOf(of, { ...marks, name }, agent) });
  let found = "";
  await until(async () => {
    const { spec } = (await plane.json(`${pods}/${name}`)) as { spec: { nodeName?: string } };
    expect(spec.nodeName).toBeDefined();
    found = spec.nodeName ?? "";
  });
  return found;
}

async function nodesOf(of: TemplateConfig, count: number): Promise<ReadonlySet<string>> {
  const on = new Set<string>();
  for (let number = 1; number <= count; number += 1) on.add(await nodeOf(of, number));
  return on;
}

test("slaves of a template with node pools gather on one node as long as they fit there, where others spread", async () => {
  const gathers = onPools({ ...template({ name: "gathers", cpu: "1" }), pools: ["spot"] }, [pool]);
  expect((await nodesOf(gathers, 6)).size).toBe(1);
  // The control: the very same, but for its pools.
  expect((await nodesOf(template({ name: "spreads", cpu: "1" }), 6)).size).toBeGreaterThan(2);
});
