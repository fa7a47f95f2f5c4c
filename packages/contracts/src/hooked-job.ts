import { z } from "zod";

/** How a job stands that a webhook told of. Only what waits for an agent is demand. */
export const hookedJobStateSchema = z.enum(["waiting", "running", "over"]);
export type HookedJobState = z.infer<typeof hookedJobStateSchema>;

/**
 * KV `kubestack_hooks`, one record for each job that a webhook told of. It runs out a day after its last change; one that is
 * over stays until then, so that what is told late does not bring it back.
 */
export const hookedJobSchema = z.object({
  /** Random for each write: settles whether a write whose answer was lost took place. */
  op: z.string(),
  /** Unique among the jobs of its master, whoever told of them: the queue item's id. */
  id: z.string().min(1).max(256),
  /** Who told of it: `github`, for example. */
  source: z.string().min(1).max(64),
  name: z.string().max(2048),
  url: z.string().max(4096),
  /** What an agent must have, every one of them; none: any agent does. Null where the sender does not tell. */
  labels: z.array(z.string().min(1).max(256)).max(64).nullable(),
  state: hookedJobStateSchema,
  /** Counts the times that the job was started anew under the same id. */
  attempt: z.number().int().nonnegative(),
  /** Since when it stands so, in milliseconds since the epoch, by the sender's clock, or ours where it names no time. */
  since: z.number(),
});
export type HookedJob = z.infer<typeof hookedJobSchema>;

/** KV `kubestack_deliveries`: that a delivery was taken, for as long as it might be sent again. */
export const hookDeliverySchema = z.object({
  /** Random for each write. */
  op: z.string(),
  /** When it was taken, in milliseconds of NATS's time. */
  at: z.number(),
});
export type HookDelivery = z.infer<typeof hookDeliverySchema>;

/** That the records of a master's jobs have changed; they tell what they are now. */
export const hookedSchema = z.object({ master: z.string().min(1).max(256) });
export type Hooked = z.infer<typeof hookedSchema>;
