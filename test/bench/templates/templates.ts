import { type AgentPart, podOf, type SlaveIdentity, type TemplateEntry, templatesOf } from "@kubestack/templates";
import { processorMs, quantile, type Ratio, rounded } from "../measure.ts";
import { siteOf } from "./site.ts";

/** Milliseconds of processor time that all templates of a large site may take, from checked entries to a pod of each. */
const limitMs = 20;
/** Those before are slower: code is compiled, beside them, and its processor time counts, too. */
const warmUps = 100;
const rounds = 9;

const identity = {
  ...{ install: "prod", master: "backend", name: "ks-backend-0a1b2", epoch: "0a1b", number: 2, nonce: "n" },
  labels: ["linux"],
};
const agent: AgentPart = {
  env: { KUBESTACK_AGENT_URL: "http://ci.example.org/", KUBESTACK_AGENT_SECRET_FILE: "/run/kubestack/agent/secret" },
  secret: { mountPath: "/run/kubestack/agent" },
  podLabels: {},
  program: "start-agent",
};

/** What it costs to make the pods of two hundred templates that stand on each other in four levels. */
export function benchTemplates(): Ratio {
  const all = siteOf(2);
  const taken: number[] = [];
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const tookMs = processorMs(() => podsOf(all));
    if (round >= warmUps) taken.push(tookMs);
  }
  const medianMs = quantile(taken, 0.5);
  return {
    name: `a pod of each of ${all.length} templates with four levels to ${limitMs} ms`,
    ratio: rounded(medianMs / limitMs),
    limit: 1,
    figures: { medianMs: rounded(medianMs), mostMs: rounded(quantile(taken, 1)), templates: all.length },
  };
}

/** Makes a pod of each template. */
export function podsOf(entries: readonly TemplateEntry[]): void {
  for (const template of templatesOf(entries)) {
    const of: SlaveIdentity = { ...identity, template: template.name };
    podOf(template, of, agent);
  }
}
