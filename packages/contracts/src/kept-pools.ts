import { z } from "zod";
import { poolMemorySchema, removalSchema } from "./pool-memory.ts";

/** Version of the record's form. */
export const keptPoolVersion = 1;

/**
 * KV `kubestack_pools`, one record for each node pool: holds, nodes on their way, and nodes that leave, so that a restart goes on with
 * them.
 */
export const keptPoolSchema = z.object({
  version: z.number().int(),
  /** Random for each write. */
  op: z.string(),
  pool: z.string(),
  memory: poolMemorySchema,
  removals: z.array(removalSchema).max(1000),
  /** Since when each of its nodes is not needed, in milliseconds of NATS's time. */
  idleSince: z.record(z.string(), z.number()).optional(),
});
export type KeptPool = z.infer<typeof keptPoolSchema>;
