import { type Configuration, configurationSchema, isJenkins, type JenkinsMasterConfig } from "@kubestack/configuration";
import { type JenkinsSimulator, type Permission, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import type { Finding } from "./finding.ts";

/** A checked configuration with one master and one template, and what a test wants otherwise. */
export function configurationWith(
  master: Readonly<Record<string, unknown>> = {},
  rest: Readonly<Record<string, unknown>> = {},
): Configuration {
  return configurationSchema.parse({
    kubernetes: { namespace: "ci-agents" },
    masters: [{ name: "backend", url: "http://ci.example.org/", token: "env:TOKEN", ...master }],
    templates: [{ name: "maven", labels: ["maven", "linux"], image: "registry.example.org/maven:1" }],
    ...rest,
  });
}

/** The first master of such a configuration. */
export function masterConfig(change: Readonly<Record<string, unknown>> = {}): JenkinsMasterConfig {
  const [master] = configurationWith(change).masters.filter(isJenkins);
  if (master === undefined) throw new Error("a configuration without a master");
  return master;
}

/** Every right that the README asks for. */
export const needed: readonly Permission[] = [
  "Overall/Read",
  "Job/Read",
  "Job/ExtendedRead",
  "Agent/Create",
  "Agent/Connect",
  "Agent/Disconnect",
  "Agent/Delete",
];

/** A simulated Jenkins with a job, and a user `kubestack` whose token is `token` and who has these rights. */
export async function jenkinsFor(
  permissions: readonly Permission[] = needed,
  options: Parameters<typeof startJenkinsSimulator>[0] = {},
): Promise<JenkinsSimulator> {
  const user = { name: "ci-bot", password: "p", tokens: ["token"], permissions };
  const simulator = await startJenkinsSimulator({ agentPort: 50_000, users: [user], ...options });
  simulator.core.createJob({ name: "team/api", label: "maven" });
  return simulator;
}

/** Findings as lines that are easy to compare. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(({ level, area, sentence }) => `${level} ${area} ${sentence}`);
}
