import { z } from "zod";
import { holdSchema } from "./plan.ts";

/** Version of the record's form. A record with a higher one was written by a newer release: hands off. */
export const keptMasterVersion = 1;

/**
 * What a person ordered for a master. `paused`: nothing is launched for it. `draining`: besides, slaves without a build leave,
 * and busy ones go after theirs.
 */
export const masterOrderSchema = z.object({
  kind: z.enum(["paused", "draining"]),
  /** Who ordered it, as the command line knows that person. */
  by: z.string().min(1).max(256),
  /** In milliseconds of NATS's time. */
  at: z.number().nonnegative(),
  /** Why, in that person's words; empty where none were given. */
  reason: z.string().max(512),
});
export type MasterOrder = z.infer<typeof masterOrderSchema>;

/** That a person gave up a master which is out of the configuration and off for good: nothing is waited for there. */
export const forgottenSchema = masterOrderSchema.omit({ kind: true });
export type Forgotten = z.infer<typeof forgottenSchema>;

/** So many lifts of one master are kept at most. */
export const mostLifts = 200;

/** That a person ended a hold before its time: what failed until then holds it no more. */
export const liftSchema = masterOrderSchema
  .omit({ kind: true })
  // Of a template without a size: those of its sizes are lifted with it.
  .extend({ what: holdSchema.shape.what, name: z.string().min(1).max(256) });
export type Lift = z.infer<typeof liftSchema>;

/**
 * KV `kubestack_masters`, one record for each master that is served: what must be known of it when the configuration names it
 * no more, and what a person ordered for it.
 */
export const keptMasterSchema = z.object({
  version: z.number().int(),
  /** Random for each write: settles whether a write whose answer was lost took place. */
  op: z.string(),
  master: z.string(),
  /** The installation that serves it. */
  install: z.string(),
  /** Its entry of `masters:`, as the file has it under its defaults: secrets are references there. */
  entry: z.record(z.string(), z.unknown()),
  /** Since when the configuration does not name it any more, in milliseconds of NATS's time; null while it does. */
  removedAt: z.number().nonnegative().nullable(),
  order: masterOrderSchema.nullable(),
  /** Absent: nobody gave it up. Named by the configuration again, it is an ordinary master. */
  forgotten: forgottenSchema.optional(),
  /** The newest of each thing, as long as it matters; absent: none. */
  lifts: z.array(liftSchema).max(mostLifts).optional(),
});
export type KeptMaster = z.infer<typeof keptMasterSchema>;
