import { z } from "zod";

/** What befalls a node pool: each is told once, when it is so. */
export const capacityEvents = ["planned", "scaled", "held", "delivered", "removed"] as const;
export type CapacityEventKind = (typeof capacityEvents)[number];

/** Names that one event lists at most. */
export const toldNames = 100;

/** Something that befell a node pool. */
export const capacityEventSchema = z.object({
  pool: z.string(),
  event: z.enum(capacityEvents),
  /** Why, in one sentence. */
  reason: z.string().max(2000),
  at: z.number(),
  /** Nodes before and after; those on their way are among them. */
  from: z.number().int().nonnegative().optional(),
  to: z.number().int().nonnegative().optional(),
  /** The nodes that came or went, the first ones of them. */
  nodes: z.array(z.string()).max(toldNames).optional(),
  /** The pods that wait for it, the first ones of them. */
  pods: z.array(z.string()).max(toldNames).optional(),
  /** How long the nodes that came took from the ask to ready, in milliseconds, the slowest of them. */
  tookMs: z.number().nonnegative().optional(),
  /** Nothing is asked of it before, in milliseconds of NATS's time. */
  until: z.number().optional(),
  /** It was only said, and not done. Absent: it was done. */
  isDryRun: z.boolean().optional(),
});
export type CapacityEvent = z.infer<typeof capacityEventSchema>;

/** How soon the last nodes of a pool came, in milliseconds. */
export const arrivalsSchema = z.object({ p50Ms: z.number(), p95Ms: z.number(), of: z.number().int().positive() });

/** How a node pool stands. */
export const poolStandingSchema = z.object({
  pool: z.string(),
  /** The type of its target. */
  target: z.string(),
  isDryRun: z.boolean(),
  isSpot: z.boolean(),
  /** Whether its nodes were read at all since this process decides; before that the counts say nothing. */
  isKnown: z.boolean(),
  /** Ready nodes, all that are there, and those that were asked for and are not there yet. */
  ready: z.number().int().nonnegative(),
  nodes: z.number().int().nonnegative(),
  coming: z.number().int().nonnegative(),
  /** So many nodes it is to have; null while that is not known. */
  wanted: z.number().int().nonnegative().nullable(),
  min: z.number().int().nonnegative().nullable(),
  max: z.number().int().nonnegative().nullable(),
  pricePerHour: z.number().nonnegative(),
  /** Of what its ready nodes have, the part that pods ask for: the greater of cpu and memory, 0 to 1; null where there is no node. */
  used: z.number().nonnegative().nullable(),
  hold: z.object({ until: z.number(), because: z.string() }).nullable(),
  /** Why nothing can be done with it now, in one sentence; empty: it can. */
  trouble: z.string(),
  arrival: arrivalsSchema.nullable(),
  /** Slaves, by name, for which nodes are asked for or on their way, the first ones of them; absent where an older release tells. */
  slaves: z.array(z.string()).max(toldNames).optional(),
  /** Nodes on their way out, by name and why, the first ones of them. */
  leaving: z.array(z.object({ node: z.string(), step: z.string(), reason: z.string() })).max(toldNames),
  /** Why it is to have this many, in one sentence. */
  reason: z.string(),
  last: z.object({ at: z.number(), event: z.enum(capacityEvents), reason: z.string() }).nullable(),
});
export type PoolStanding = z.infer<typeof poolStandingSchema>;

/** What a process of the capacity-autoscaler says of the pools. */
export const poolsReplySchema = z.object({
  /** Whether this process decides on them; another one's answer counts where it does not. */
  isLeader: z.boolean(),
  at: z.number(),
  pools: z.array(poolStandingSchema).max(500),
  /** Pods that neither a node nor a pool has room for, and why, the first ones of them. */
  unplaced: z.array(z.object({ pods: z.array(z.string()).max(toldNames), because: z.string() })).max(toldNames),
});
export type PoolsReply = z.infer<typeof poolsReplySchema>;
