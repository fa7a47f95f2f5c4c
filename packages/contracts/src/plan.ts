import { z } from "zod";

/** What a supervisor decided in its last pass over one master, published on `kubestack.plan.<master>`. */
export const planSchema = z.object({
  master: z.string(),
  at: z.number(),
  /** The round that it was decided from. */
  round: z.object({ source: z.string(), term: z.number(), round: z.number() }).nullable(),
  /** Launches by template, with the shape of one pod. */
  launches: z.array(
    z.object({
      template: z.string(),
      count: z.number().int().positive(),
      shape: z.object({ cpu: z.string(), memory: z.string() }),
      reason: z.string(),
    }),
  ),
  /** Each waiting item and why it gets no launch of its own: a slave comes, no template, a hold, … */
  waiting: z.array(z.object({ item: z.string(), job: z.string(), code: z.string(), reason: z.string() })).max(2000),
  /** Items beyond the ones listed. */
  more: z.number().int().nonnegative(),
});
export type Plan = z.infer<typeof planSchema>;
