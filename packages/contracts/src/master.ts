import { z } from "zod";

/** What can happen to a master as a whole; the last token of `kubestack.master.<master>.<event>`. */
export const masterEvents = [
  "reachable",
  "unreachable",
  "restarted",
  "refused",
  "owner-changed",
  "paused",
  "draining",
  "resumed",
  "removed",
  "slave-held",
  "slave-released",
  "hold-lifted",
] as const;
export const masterEventKindSchema = z.enum(masterEvents);
export type MasterEventKind = (typeof masterEvents)[number];

export const masterEventSchema = z.object({
  master: z.string(),
  event: masterEventKindSchema,
  reason: z.string().max(4096),
  /** Which of its slaves it is about; absent: none. */
  slave: z.string().optional(),
  at: z.number(),
});
export type MasterEventMessage = z.infer<typeof masterEventSchema>;
