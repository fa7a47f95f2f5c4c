/**
 * Speaks the protocol of a Gearman server: its text questions (how functions and workers stand), and as much of its packets
 * as a worker and whoever submits jobs need. It also counts, from what the server shows, which builds wait for which label.
 * It must never know why something is wanted: no templates, no slaves, no NATS, no Kubernetes.
 */
export { AdminClient, type AdminOptions } from "./admin/admin-client.ts";
export type { Skipped } from "./admin/exchange.ts";
export type { FunctionCount, WorkerRow } from "./admin/reply-lines.ts";
export { type GearmanAddress, type GearmanTls, printAddress } from "./connection/address.ts";
export { type TlsFiles, tlsOf } from "./connection/tls-files.ts";
export {
  type CountingRule,
  countByLabel,
  countingRules,
  jobsWithoutLabel,
  RegisteredLabels,
  type WantedBuilds,
  wantedBuilds,
  withWorkersLabels,
} from "./demand/wanted-builds.ts";
export { connectSubmitter, type Job, type Submitter, type WatchedJob } from "./packets/submitter.ts";
export { type AssignedJob, type JobResult, startWorker, type Worker, type WorkerOptions } from "./packets/worker.ts";
