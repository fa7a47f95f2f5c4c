/** Why an agent did not come, as far as its own log tells. The record and the event take any text: a later release may know more. */
export const agentCauses = [
  "java-too-old",
  "no-java",
  "no-shell",
  "agent-too-old",
  "already-connected",
  "no-such-node",
  "unauthorized",
  "untrusted-certificate",
  "unknown-host",
  "not-jenkins",
  "no-swarm-plugin",
  "no-downloader",
  "injection-failed",
  "out-of-memory",
  "misconfigured",
  "unreachable",
] as const;
export type AgentCause = (typeof agentCauses)[number];
