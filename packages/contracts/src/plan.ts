import { z } from "zod";
import { sizeBoundsSchema } from "./pod-size.ts";

/** At most this many waiting items, items of one launch, and templates are listed; further ones are left out. */
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
  /** Nothing is launched from it before `until`, in milliseconds of NATS's time; null where it is not held. */
  held: z.object({ until: z.number(), because: z.string() }).nullable(),
});
export type TemplateStanding = z.infer<typeof templateStandingSchema>;

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
    }),
  ),
  /** The templates that serve this master, and how each stands; absent where an older release tells. */
  templates: z.array(templateStandingSchema).max(listedTemplates).optional(),
  /** Each waiting item and why it gets no launch of its own: a slave comes, no template, a hold, … */
  waiting: z
    .array(z.object({ item: z.string(), job: z.string(), code: z.string(), reason: z.string() }))
    .max(listedItems),
  /** Items beyond the ones listed. */
  more: z.number().int().nonnegative(),
});
export type Plan = z.infer<typeof planSchema>;
