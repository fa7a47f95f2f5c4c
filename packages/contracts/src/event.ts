import { z } from "zod";

/** The type prefix of every CloudEvent that KubeStack sends. */
export const eventTypePrefix = "io.kubestack.";

/** A CloudEvents 1.0 envelope in structured JSON mode. `data` is checked by the channel's own schema. */
export const cloudEventSchema = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(512),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(256),
  subject: z.string().max(1024).optional(),
  time: z.iso.datetime(),
  datacontenttype: z.string().optional(),
  data: z.unknown().optional(),
  /** Gzip-compressed JSON, where the plain form would be too large for a message. */
  data_base64: z.string().optional(),
});
export type CloudEvent = z.infer<typeof cloudEventSchema>;
