/**
 * Speaks the HTTP protocol of a Jenkins-family master (today's Jenkins, Hudson 3.3), one file for each area of it.
 * It tells what the master shows and does what it is told, and translates every failure into a KubestackError.
 * It must never know why something is wanted: no templates, no slaves, no NATS, no Kubernetes.
 */
export type { AgentLaunch } from "./agent-launch.ts";
export { agentLaunchOf } from "./agent-launch.ts";
export type { AgentSecret } from "./agent-secret.ts";
export {
  type AgentTransport,
  agentTransportOf,
  dependsOnPort,
  hasWebSocket,
  type WantedTransport,
} from "./agent-transport.ts";
export type { Build, QueueItemFate } from "./builds.ts";
export type { Fleet, NodeReading } from "./computers.ts";
export { type AgentTls, agentTlsOf, masterOptionsOf } from "./configured.ts";
export { connectMaster, type Master, type MasterOptions } from "./connect.ts";
export { connectExamination, type Examination, type JobSight, type MasterClock } from "./examination.ts";
export type { Auth } from "./http/credential.ts";
export { jobNameOf } from "./http/master-url.ts";
export type { Answer, Request, Send } from "./http/send.ts";
export type { Timeouts } from "./http/timeouts.ts";
export type { NodeProperties } from "./node-properties.ts";
export type { NodeSpec } from "./nodes.ts";
export type { MarkResult } from "./offline-mark.ts";
export { presentMaster } from "./present-master.ts";
export type { Probe } from "./probe.ts";
export type { QueueEntry, QueueReading } from "./queue.ts";
export { readWhy, type WhyKind, type WhyReading } from "./why.ts";
