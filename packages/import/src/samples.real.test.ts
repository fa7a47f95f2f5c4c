import { type ControlPlane, startControlPlane } from "@kubestack/real-parts";
import {
  type AgentPart,
  podOf,
  type SlaveIdentity,
  type TemplateConfig,
  templateConfigSchema,
} from "@kubestack/templates";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { importJcasc, importPodTemplate } from "./index.ts";
import { type Sample, samples } from "./samples.fixture.ts";

const namespaces = ["restricted", "privileged"] as const;

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane();
  for (const name of namespaces) {
    const labels = { "pod-security.kubernetes.io/enforce": name };
    await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name, labels } } });
    const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
    await vi.waitFor(() => plane.json(`${accounts}/default`), { timeout: 20_000 });
    await plane.json(accounts, { method: "POST", body: { metadata: { name: "builder" } } });
  }
  const builds = { metadata: { name: "builds" }, value: 1000 };
  await plane.json("/apis/scheduling.k8s.io/v1/priorityclasses", { method: "POST", body: builds });
});

afterAll(() => plane?.stop());

const agent: AgentPart = {
  env: { KUBESTACK_AGENT_URL: "http://ci.example.org/" },
  program: "start-agent",
  secret: { mountPath: "/run/kubestack/agent" },
  podLabels: { jenkins: "slave" },
};

async function dryRun(template: TemplateConfig, namespace: (typeof namespaces)[number]) {
  const identity: SlaveIdentity = {
    install: "imports",
    master: "main",
    template: template.name,
    name: "ks-main-0a1b2c-abcd1",
    epoch: "abcd",
    number: 1,
    nonce: "nonce-1",
    labels: template.labels,
  };
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`;
  const { status, body } = await plane.call(path, { method: "POST", body: podOf(template, identity, agent) });
  return { status, message: String(JSON.parse(body).message ?? "") };
}

function entriesOf({ verb, text, name }: Sample) {
  const { form } =
    verb === "jcasc" ? importJcasc(text, name, { master: "jenkins" }) : importPodTemplate(text, name, {});
  return form.templates as unknown as readonly { name: string; allow?: readonly string[] }[];
}

describe.each(samples)("$name", (sample) => {
  test("its pods are taken by a real API server, under restricted pod security unless allow says otherwise", async () => {
    for (const entry of entriesOf(sample)) {
      const template = templateConfigSchema.parse(entry);
      const { allow = [] } = entry;
      const loosens = allow.filter((one) => one !== "serviceAccount");
      const taken = await dryRun(template, loosens.length > 0 ? "privileged" : "restricted");
      expect(taken, template.name).toEqual({ status: 201, message: "" });
    }
  });
});
