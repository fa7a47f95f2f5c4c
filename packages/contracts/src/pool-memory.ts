import { z } from "zod";
import { resourcesSchema } from "./pod-needs/needs.ts";

/** The newest arrivals that are remembered of a pool. */
export const rememberedArrivals = 50;

/** Nodes that a pool was asked for and that have not come yet. */
export const poolAskSchema = z.object({ at: z.number(), count: z.number().int().positive() });
export type PoolAsk = z.infer<typeof poolAskSchema>;

/** What must be remembered of a pool from one decision to the next; a restart goes on with it. Times are milliseconds of NATS's time. */
export const poolMemorySchema = z.object({
  /** Oldest first. */
  asks: z.array(poolAskSchema).max(1000),
  /** How long the last nodes took from the ask to ready, in milliseconds, newest last. */
  arrivals: z.array(z.number().nonnegative()).max(rememberedArrivals),
  /** Nodes that count as arrived, by name: those that were there when the pool was first seen, too. Absent: it was never seen. */
  seen: z.array(z.string()).max(10_000).optional(),
  /** What its newest node has for pods, and the labels that all its nodes have: its next one will be so. Absent: none was seen. */
  node: z.object({ allocatable: resourcesSchema, labels: z.record(z.string(), z.string()) }).optional(),
  /** Times in a row that it did not deliver. */
  failures: z.number().int().nonnegative(),
  /** Nothing is asked of it before `until`; null where it is not held. */
  hold: z.object({ until: z.number(), because: z.string() }).nullable(),
});
export type PoolMemory = z.infer<typeof poolMemorySchema>;

export const removalSteps = ["unneeded", "cordoned", "withdrawing", "removing"] as const;
export type RemovalStep = (typeof removalSteps)[number];

/** A node on its way out, as far as it has come. */
export const removalSchema = z.object({
  node: z.string(),
  pool: z.string(),
  step: z.enum(removalSteps),
  /** Since when it is at this step. */
  since: z.number(),
  reason: z.string(),
});
export type Removal = z.infer<typeof removalSchema>;

export const newPoolMemory: PoolMemory = { asks: [], arrivals: [], failures: 0, hold: null };
