import { z } from "zod";

/** What can be explained. */
export const explainedKinds = ["item", "slave", "label", "master", "pool"] as const;

/** An answer holds at most so many pieces of evidence: what else there is, is counted by the last one. */
export const mostEvidence = 500;

/** What somebody wants to have explained. */
export const explainRequestSchema = z.object({
  /** A build's or job's address, a queue item, a slave, a label, a master or a node pool; a unique beginning will do. */
  what: z.string().max(4096),
  /** Only what is known of this master. */
  master: z.string().min(1).max(256).optional(),
});
export type ExplainRequest = z.infer<typeof explainRequestSchema>;

const instant = z.iso.datetime();

/** When the agent of a slave on its way is likely to come, by the last slaves like it; the same for whoever asks, by whatever way. */
export const expectedStartSchema = z.discriminatedUnion("kind", [
  /** Half of those that took as long as this one has already were there by `p50`, 19 of 20 by `p95`. */
  z.object({ kind: z.literal("likely"), p50: instant, p95: instant, of: z.number().int().positive() }),
  /** None of them took as long as this one has. */
  z.object({ kind: z.literal("late"), longestMs: z.number().nonnegative(), of: z.number().int().positive() }),
]);
export type ExpectedStart = z.infer<typeof expectedStartSchema>;

/**
 * Why a build waits, what a slave does, how a label is served or how a master stands: one sentence, what it rests on, and what
 * comes next. Instants are in UTC, also in the sentences (`2026-03-04T12:00Z`): see `showInstants`.
 */
export const explanationSchema = z.object({
  kind: z.enum(explainedKinds),
  /** What is explained, by its whole name. */
  name: z.string(),
  /** Null for a node pool, and for a label that more than one master knows. */
  master: z.string().nullable(),
  sentence: z.string(),
  /** `at` is null where a fact has no time of its own. */
  evidence: z.array(z.object({ at: instant.nullable(), fact: z.string() })),
  /** What will happen, or what to do; null where nobody knows. */
  next: z.string().nullable(),
  /** Null where no slave is on its way, or too few like it are known. */
  expected: expectedStartSchema.nullable(),
  /** When this was so, by NATS's time as far as it is known; ages in the sentences are of then. */
  asOf: instant,
});
export type ExplanationMessage = z.infer<typeof explanationSchema>;
