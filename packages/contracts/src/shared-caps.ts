import { z } from "zod";
import { type BucketShape, buckets } from "./buckets.ts";

/** Version of the form of the shared caps. */
export const sharedCapsVersion = 1;

/** So much of what caps are about: slaves, cpu in thousandths of a core, memory in bytes. */
export const amountsSchema = z.object({
  slaves: z.number().int().nonnegative(),
  cpu: z.number().int().nonnegative(),
  memory: z.number().int().nonnegative(),
});
export type Amounts = z.infer<typeof amountsSchema>;

/** What one master has under the caps that it shares with the others. Only the owner of its ledger writes it. */
export const capLineSchema = z.object({
  /** The ledger's term when this was written: an owner of an earlier term writes here no more. */
  term: z.number().int().nonnegative(),
  /** The store in which it was written; in another one it is of the past. Absent: stores have no id there. */
  store: z.string().optional(),
  /** Never less than what the ledger's slaves ask the cluster for: raised before the ledger is, lowered after it. */
  used: amountsSchema,
  /** What would be launched besides if the caps let it. */
  want: amountsSchema,
  /** Since when it has waited without getting anything, in milliseconds of NATS's time; null where it wants nothing. */
  since: z.number().nullable(),
  refreshedAt: z.number(),
  /** The interval of the master's rounds: a want that is older than three of them says nothing any more. */
  intervalMs: z.number().positive(),
  /** Its part, against those of the other masters. */
  weight: z.number().positive(),
});
export type CapLine = z.infer<typeof capLineSchema>;

/** The one record of all caps that span masters, in the ledgers' bucket: whatever befalls that befalls both. */
export const sharedCapsSchema = z.object({
  version: z.number().int(),
  /** Random for each write. */
  op: z.string(),
  /** By the master's name. */
  lines: z.record(z.string(), capLineSchema),
});
export type SharedCapsRecord = z.infer<typeof sharedCapsSchema>;

/** The ledgers' bucket, as far as it holds the shared caps: one key, which is no master's. */
export const sharedCapsShape = {
  ...buckets.ledger,
  schema: sharedCapsSchema,
} satisfies BucketShape<SharedCapsRecord>;
