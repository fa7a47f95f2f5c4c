import { z } from "zod";

/**
 * What a slave was lost by, or its launch failed of, in one word to branch on. Grouped by who said so; the sentence beside it
 * is for people. The record and the event take any word: a later release may know more.
 */
export const failureClasses = [
  // The API server did not take the pod, or what belongs to it.
  "quota-full",
  "quota-too-small",
  "admission-refused",
  "object-invalid",
  "no-right",
  "no-namespace",
  "no-template",
  "name-taken",
  "pod-not-made",
  // The pod never ran.
  "unschedulable",
  "node-rejected",
  "image-name-invalid",
  "image-not-found",
  "image-denied",
  "image-pull",
  "container-config",
  "container-start",
  "init-failed",
  // Its containers, or the pod, were ended.
  "out-of-memory",
  "agent-exited",
  "pod-deadline",
  "evicted",
  "preempted",
  "node-shutdown",
  "node-lost",
  "pod-deleted",
  // The agent.
  "agent-never-connected",
  "agent-too-old",
  "agent-lost",
  // The master.
  "node-invalid",
  "master-refused",
  "node-not-made",
  "secret-not-made",
] as const;
export type FailureClass = (typeof failureClasses)[number];

/** Why a slave was lost or its launch failed. */
export const failureSchema = z.object({
  /** A `FailureClass`, or one of a later release. */
  class: z.string().max(64),
  /** Where it came out only after the slave had begun to go for another reason; absent: its trail says it. */
  reason: z.string().max(2048).optional(),
});
export type Failure = z.infer<typeof failureSchema>;
