/**
 * What services say to each other: subjects, the shape of every message and record, and the errors that callers branch on.
 * It must never know how anything is carried, stored or decided.
 */
export * from "./agent-cause.ts";
export * from "./buckets.ts";
export * from "./capacity.ts";
export * from "./channels.ts";
export * from "./commands.ts";
export * from "./completion.ts";
export * from "./demand.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./explanation.ts";
export * from "./external-completion.ts";
export * from "./external-demand.ts";
export * from "./failure.ts";
export * from "./fields.ts";
export * from "./hooked-job.ts";
export * from "./instant.ts";
export * from "./job-pattern.ts";
export * from "./kept-master.ts";
export * from "./kept-pools.ts";
export * from "./kept-template.ts";
export * from "./launched-item.ts";
export * from "./ledger.ts";
export * from "./listen-address.ts";
export * from "./master.ts";
export * from "./member.ts";
export * from "./plan.ts";
export * from "./pod-name.ts";
export * from "./pod-needs/needs.ts";
export { type BesidesPod, needsOfPod } from "./pod-needs/reading.ts";
export { podRequests, resourcesOf } from "./pod-needs/requests.ts";
export * from "./pod-size.ts";
export * from "./pool-memory.ts";
export * from "./pool-target.ts";
export * from "./shared-caps.ts";
export * from "./slave.ts";
export * from "./slave-service.ts";
export * from "./store.ts";
export * from "./subjects.ts";
export { subjectsPage } from "./subjects-page.ts";
