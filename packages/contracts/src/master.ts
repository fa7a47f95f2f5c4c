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
] as const;
export const masterEventKindSchema = z.enum(masterEvents);
export type MasterEventKind = (typeof masterEvents)[number];

export const masterEventSchema = z.object({
  master: z.string(),
  event: masterEventKindSchema,
  reason: z.string().max(4096),
  at: z.number(),
});
export type MasterEventMessage = z.infer<typeof masterEventSchema>;
