/**
 * Webhooks: one HTTP server for each process, who may send, and what the known senders say of their jobs.
 * It must never know what becomes of a delivery, or keep one.
 */
export {
  type Authentication,
  authenticate,
  type Headers,
  replayWindowMs,
  type Scheme,
  schemes,
} from "./authenticate.ts";
export type { Answer, Delivery, HookKind, HookRoute, Hooks } from "./hook-route.ts";
export { type HookServer, type HookServerOptions, startHookServer, type Tell } from "./hook-server.ts";
export { readAs } from "./jobs/fields.ts";
export type { JobEvent, JobReading } from "./jobs/job-event.ts";
export { jobSenders, readJobEvent } from "./jobs/read-job-event.ts";
export { longestBody } from "./request-body.ts";
