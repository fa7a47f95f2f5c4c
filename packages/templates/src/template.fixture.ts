import { type TemplateConfig, templateConfigSchema } from "./config.ts";
import type { SlaveIdentity } from "./marks.ts";
import { type AgentPart, podOf } from "./pod.ts";

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
  program: "start-agent",
  env: { KUBESTACK_AGENT_URL: "http://ci.example.org/", KUBESTACK_AGENT_SECRET_FILE: "/run/kubestack/agent/secret" },
  secret: { mountPath: "/run/kubestack/agent" },
  podLabels: {},
};

/** The parts of a pod that tests look at. */
export interface MadePod {
  readonly metadata: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
  readonly spec: {
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: object;
    readonly containers: readonly {
      readonly name: string;
      readonly env: readonly { readonly name: string; readonly value: string }[];
      readonly securityContext: object;
      readonly resources: object;
      readonly volumeMounts: readonly { readonly name: string }[];
    }[];
    readonly volumes: readonly { readonly name: string }[];
  };
}

/** A slave's pod as it is sent. */
export function madePod(
  entry: Record<string, unknown> = {},
  part: AgentPart = agent,
  of: SlaveIdentity = identity,
): MadePod {
  return podOf(template(entry), of, part) as unknown as MadePod;
}
