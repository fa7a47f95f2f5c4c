import { type TemplateConfig, templateConfigSchema } from "./config.ts";
import type { SlaveIdentity } from "./marks.ts";
import type { AgentPart } from "./pod.ts";

/** A template as the configuration makes it of an entry that says little. */
export function template(entry: Record<string, unknown> = {}): TemplateConfig {
  return templateConfigSchema.parse({ name: "python", image: "registry.example.org/python:3", ...entry });
}

export const identity: SlaveIdentity = {
  install: "prod-eu",
  master: "backend/main",
  template: "python",
  name: "ks-backend-main--0a1b2c-abcd5",
  epoch: "abcd",
  number: 5,
  nonce: "nonce-5",
  labels: ["python", "linux"],
};

export const agent: AgentPart = {
  env: { KUBESTACK_AGENT_URL: "http://ci.example.org/", KUBESTACK_AGENT_SECRET_FILE: "/run/kubestack/agent/secret" },
  secret: { name: identity.name, mountPath: "/run/kubestack/agent" },
  podLabels: {},
};
