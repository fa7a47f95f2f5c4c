import { z } from "zod";
import { completionPhaseSchema } from "./completion.ts";

/** That a slave's work began or is over, as a system of one's own tells it. Keys that are not named here are ignored. */
export const externalCompletionSchema = z.object({
  phase: completionPhaseSchema,
  /** The slave that does it: what its pod finds as `KUBESTACK_SLAVE`. */
  node: z.string().min(1).max(256),
  /** Its address, or any name that no other work has. */
  build: z.object({ url: z.string().min(1).max(4096), number: z.number().nullable().default(null) }),
  result: z.string().max(64).nullable().default(null),
});
export type ExternalCompletion = z.infer<typeof externalCompletionSchema>;
