import { z } from "zod";

/** The item that a slave was launched for. */
export const launchedItemSchema = z.object({
  id: z.string(),
  job: z.string(),
  url: z.string(),
  /** When it was seen to wait, in milliseconds of NATS's time. */
  seenAt: z.number(),
  /** The source that told of it, where that is not the master's own queue. */
  source: z.string().max(128).optional(),
});
export type LaunchedItem = z.infer<typeof launchedItemSchema>;
