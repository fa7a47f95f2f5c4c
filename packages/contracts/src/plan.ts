import { z } from "zod";
import { podNeedsSchema } from "./pod-needs/needs.ts";
import { sizeBoundsSchema } from "./pod-size.ts";

/** At most this many waiting items, items of one launch, and templates (holds, too) are listed; further ones are left out. */
export const listedItems = 2000;
export const listedTemplates = 200;

/** A template as the last decision saw it. */
export const templateStandingSchema = z.object({
  name: z.string(),
  labels: z.array(z.string()),
  /** Whether it takes builds that name no label. */
  unlabelled: z.boolean(),
  /** Where it comes from: `applied`, or a ConfigMap as `configmap:<namespace>/<name>#<key>`; absent: from the configuration file. */
  from: z.string().optional(),
  /** The jobs that may use it, see `jobPattern`; absent: any. */
  jobs: z.array(z.string()).optional(),
  /** What builds may ask for by label; absent where nothing. */
  overrides: sizeBoundsSchema.optional(),
  /** At most this many of its slaves at this master; null where only the caps above it count. */
  maxSlaves: z.number().int().nonnegative().nullable(),
  /** So many of its slaves are to be idle now, by which of its rules, and why some are missing, if so; absent: none is to be. */
  warm: z.object({ idle: z.number().int().positive(), because: z.string(), short: z.string().optional() }).optional(),
  /** Nothing is launched from it before `until`, in milliseconds of NATS's time; null where it is not held. */
  held: z.object({ until: z.number(), because: z.string() }).nullable(),
});
export type TemplateStanding = z.infer<typeof templateStandingSchema>;

/** Something from which, or at which, nothing is launched for a while, because launches failed of it. */
export const holdSchema = z.object({
  what: z.enum(["template", "namespace", "master"]),
  /** Of a template held for one size only: with the size, as `maven with cpu=8`. */
  name: z.string(),
  /** One slave is tried from then on, in milliseconds of NATS's time. */
  until: z.number(),
  because: z.string(),
  /** Failed launches since the last good one. */
  failures: z.number().int().positive(),
});
export type Hold = z.infer<typeof holdSchema>;

/** What a supervisor decided in its last pass over one master, published on `kubestack.plan.<master>`. */
export const planSchema = z.object({
  master: z.string(),
  at: z.number(),
  /** The round that it was decided from. */
  round: z.object({ source: z.string(), term: z.number(), round: z.number() }).nullable(),
  /** Launches by template and size, with the shape of one pod. */
  launches: z.array(
    z.object({
      template: z.string(),
      count: z.number().int().positive(),
      shape: z.object({ cpu: z.string(), memory: z.string() }),
      reason: z.string(),
      /** The queue items that these slaves are launched for, oldest first; absent where an older release tells. */
      items: z.array(z.string()).max(listedItems).optional(),
      /** They are launched for no item, but to be idle. Default false. */
      isWarm: z.boolean().optional(),
      /** What one of these pods asks of a node; absent where an older release tells. */
      needs: podNeedsSchema.optional(),
      /** The slaves that they have become, in the ledger; absent as long as they are in none. */
      slaves: z.array(z.string()).max(listedItems).optional(),
    }),
  ),
  /**
   * Slaves of earlier decisions of whose pods nothing is known yet, by what one of them asks of a node; by their pods' names, which are
   * their own but where a pod follows a lost one. Absent: there is none.
   */
  coming: z
    .array(
      z.object({ template: z.string(), needs: podNeedsSchema, slaves: z.array(z.string()).min(1).max(listedItems) }),
    )
    .max(listedTemplates)
    .optional(),
  /** The templates that serve this master, and how each stands; absent where an older release tells. */
  templates: z.array(templateStandingSchema).max(listedTemplates).optional(),
  /** How many slaves the master may have at once, and all masters together; null: as many as they want. Absent where an older release tells. */
  maxSlaves: z
    .object({ master: z.number().int().nonnegative().nullable(), all: z.number().int().nonnegative().nullable() })
    .optional(),
  /** What is held now, and why; absent where an older release tells. */
  holds: z.array(holdSchema).max(listedTemplates).optional(),
  /** Each waiting item and why it gets no launch of its own: a slave comes, no template, a hold, … */
  waiting: z
    .array(z.object({ item: z.string(), job: z.string(), code: z.string(), reason: z.string() }))
    .max(listedItems),
  /** Items beyond the ones listed. */
  more: z.number().int().nonnegative(),
});
export type Plan = z.infer<typeof planSchema>;
