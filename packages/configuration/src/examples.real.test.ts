import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import { type AgentPart, injector, podOf, type SlaveIdentity } from "@kubestack/templates";
import type { TemplateConfig } from "@kubestack/templates/config";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { exampleFiles, exampleText, templatesOfExample } from "./examples.fixture.ts";

/** Namespaces by the pod security that they enforce. */
const namespaces = ["restricted", "privileged"] as const;

/** What the examples say that a cluster must have. */
const needed = [["/apis/node.k8s.io/v1/runtimeclasses", { metadata: { name: "nvidia" }, handler: "nvidia" }]] as const;

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane();
  for (const name of namespaces) {
    const labels = { "pod-security.kubernetes.io/enforce": name };
    await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name, labels } } });
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    await vi.waitFor(() => plane.json(account), { timeout: 20_000 });
  }
  for (const [path, body] of needed) await plane.json(path, { method: "POST", body });
});

afterAll(() => plane?.stop());

const agent: AgentPart = {
  program: "start-agent",
  env: { KUBESTACK_AGENT_URL: "http://ci.example.org/", KUBESTACK_AGENT_SECRET_FILE: "/run/kubestack/agent/secret" },
  secret: { mountPath: "/run/kubestack/agent" },
  podLabels: {},
};

function podFor(template: TemplateConfig) {
  const identity: SlaveIdentity = {
    install: "examples",
    master: "main",
    template: template.name,
    name: "ks-main-0a1b2c-abcd1",
    epoch: "abcd",
    number: 1,
    nonce: "nonce-1",
    labels: template.labels,
  };
  return podOf(template, identity, agent);
}

async function dryRun(template: TemplateConfig, namespace: (typeof namespaces)[number]) {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`;
  const { status, body } = await plane.call(path, { method: "POST", body: podFor(template) });
  return { status, message: String(JSON.parse(body).message ?? "") };
}

describe.each(exampleFiles)("%s", (file) => {
  test("its pods are taken by a real API server, under restricted pod security unless it says otherwise", async () => {
    const { templates: entries } = parse(await exampleText(file)) as {
      templates: { name: string; allow?: string[] }[];
    };
    const launched = (await templatesOfExample(file)).filter(({ labels }) => labels.length > 0);
    for (const template of launched) {
      const { initContainers = [] } = podFor(template).spec as { initContainers?: { name: string }[] };
      expect(initContainers.some(({ name }) => name === injector)).toBe(file !== "windows.yaml");
      const { allow = [] } = entries.find(({ name }) => name === template.name) ?? {};
      if (allow.length > 0) {
        const refused = await dryRun(template, "restricted");
        expect(refused, template.name).toMatchObject({ status: 403, message: expect.stringContaining("PodSecurity") });
      }
      const taken = await dryRun(template, allow.length > 0 ? "privileged" : "restricted");
      expect(taken, template.name).toEqual({ status: 201, message: "" });
    }
  });
});
