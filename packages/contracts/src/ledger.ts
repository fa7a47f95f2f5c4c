import { z } from "zod";
import { launchedItemSchema } from "./launched-item.ts";
import { podSizeSchema } from "./pod-size.ts";

/** Version of the ledger's form. Only one that names slaves of an earlier epoch has it; any other is of version 1. */
export const ledgerVersion = 2;

/** One slave that lives, as the ledger names it: enough to make its record anew. */
export const livingSlaveSchema = z.object({
  number: z.number().int().nonnegative(),
  /** Of a slave that was there before the ledger was rebuilt: its epoch. Absent: the ledger's own. */
  epoch: z.string().optional(),
  nonce: z.string(),
  template: z.string(),
  labels: z.array(z.string()),
  /** What its build asked for by label; the labels say so too. Absent: nothing. */
  size: podSizeSchema.optional(),
  /** What its pod asks the cluster for: cpu in thousandths of a core, memory in bytes. Absent: its template and size say. */
  asks: z.object({ cpu: z.number().int().nonnegative(), memory: z.number().int().nonnegative() }).optional(),
  /** Whether it takes builds that name no label. Absent: an earlier release launched it, and its template says. */
  unlabelled: z.boolean().optional(),
  item: launchedItemSchema.nullable(),
  /** It was launched for no item, but to be idle. Default false. */
  isWarm: z.boolean().optional(),
  at: z.number(),
  reason: z.string(),
});
export type LivingSlave = z.infer<typeof livingSlaveSchema>;

/** KV `kubestack_ledger`, one record for each master: who owns it and which slaves live. Never counts. */
export const ledgerSchema = z.object({
  version: z.number().int(),
  /** Random for each write: settles whether a write whose answer was lost took place. */
  op: z.string(),
  master: z.string(),
  /** The name of the owning process, random for each start. */
  owner: z.string(),
  /** Raised by every takeover. */
  term: z.number().int().nonnegative(),
  /** Four characters, random: numbers of two epochs are never the same slave. */
  epoch: z.string(),
  next: z.number().int().nonnegative(),
  /** The store in which it was taken over last: in another one it may be of the past. Absent: written by an earlier release. */
  store: z.string().optional(),
  /** Earlier epochs of this master that are known, the newest last. */
  epochs: z.array(z.string()).optional(),
  live: z.array(livingSlaveSchema),
});
export type Ledger = z.infer<typeof ledgerSchema>;

/** KV `kubestack_leases`: who does a piece of work now. It saves work; compare-and-set keeps it right. */
export const leaseSchema = z.object({ holder: z.string(), op: z.string() });
export type LeaseRecord = z.infer<typeof leaseSchema>;
