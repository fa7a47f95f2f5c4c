import { z } from "zod";

/** One thing that waits for a slave, as a system of one's own tells it. Keys that are not named here are ignored. */
export const externalItemSchema = z.object({
  /** The sender's own name for it: the same as long as it waits, and never used for another one. */
  id: z.string().min(1).max(256),
  /** A label expression, as Jenkins writes them; absent: any slave that takes what names no label. */
  label: z.string().min(1).max(4096).optional(),
  /** For people: what it is, and where it is to be seen. */
  job: z.string().max(2048).default(""),
  url: z.string().max(4096).default(""),
  /** Since when, in milliseconds since the epoch by the sender's clock; null: not told. */
  waitingSince: z.number().nonnegative().nullable().default(null),
  why: z.string().max(4096).default(""),
});

export type ExternalItem = z.output<typeof externalItemSchema>;

/** So many items may wait at a time; who has more sends the oldest. */
export const externalItemLimit = 20_000;

/**
 * Everything that waits at one system of one's own. What is not named waits no more. Each item is to be read by
 * `externalItemSchema`, on its own: one that breaks its form takes nothing from the others.
 */
export const externalDemandSchema = z.object({ items: z.array(z.unknown()).max(externalItemLimit) });
export type ExternalDemand = z.infer<typeof externalDemandSchema>;
