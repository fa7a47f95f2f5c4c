import { z } from "zod";

/** Phases of a build as a listener can tell them. `completed`: result known; `finished`: the executor is free. */
export const completionPhases = ["started", "completed", "finished"] as const;
export const completionPhaseSchema = z.enum(completionPhases);
export type CompletionPhase = (typeof completionPhases)[number];

/** Published once on `kubestack.completion.<master>.<phase>` for each build and phase. */
export const completionSchema = z.object({
  master: z.string().min(1).max(256),
  phase: completionPhaseSchema,
  /** The listener that saw it. */
  listener: z.string(),
  /** The node that ran it, or null where the source does not say. */
  node: z.string().nullable(),
  build: z.object({ url: z.string().max(4096), number: z.number().nullable() }),
  /** SUCCESS, FAILURE, … or null where it is not known yet. */
  result: z.string().max(64).nullable(),
  at: z.number(),
});
export type Completion = z.infer<typeof completionSchema>;
