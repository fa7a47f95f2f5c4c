import { z } from "zod";

/** The label that a queue item asks for. `any`: the job names none. `unknown`: no source could tell, so nothing may be launched for it. */
export const wantedLabelSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("expression"), expression: z.string().min(1).max(4096) }),
  z.object({ kind: z.literal("any") }),
  z.object({ kind: z.literal("unknown"), because: z.string().max(1024) }),
]);
export type WantedLabel = z.infer<typeof wantedLabelSchema>;

/** Where the label of an item was read. `told`: by a source that is not a master's queue. */
export const labelOriginSchema = z.enum(["labelExpression", "why", "config.xml", "remembered", "told", "none"]);
export type LabelOrigin = z.infer<typeof labelOriginSchema>;

/** One build that waits for an executor. Only items that could start at once if an agent were there are listed. */
export const queueItemSchema = z.object({
  /** The master's own id; unique within one session of the master. */
  id: z.string().min(1).max(256),
  /** The job's full name and address. */
  job: z.string().max(2048),
  url: z.string().max(4096),
  wants: wantedLabelSchema,
  labelOrigin: labelOriginSchema,
  /** Milliseconds since the epoch, by the master's clock, or null where it does not say. */
  waitingSince: z.number().nullable(),
  /** The master's own words for why the item waits. */
  why: z.string().max(4096),
  /** An agent works for it already, ours or another: it launches nothing. Only where `supply` is `counts`. Default false. */
  isRunning: z.boolean().optional(),
});
export type QueueItem = z.infer<typeof queueItemSchema>;

/** A build as an executor shows it. `number` is null where the master hides it from us. */
export const runningBuildSchema = z.object({
  url: z.string().max(4096),
  number: z.number().nullable(),
  /** The queue item that it was; absent where the master does not tell: Hudson, and pipeline blocks. */
  item: z.string().max(256).optional(),
});
export type RunningBuild = z.infer<typeof runningBuildSchema>;

/** One node of the master. */
export const computerSchema = z.object({
  name: z.string().min(1).max(512),
  /** A channel stands and nobody marked it offline. */
  online: z.boolean(),
  /** Somebody marked it offline; the master then hands it no new build. */
  markedOffline: z.boolean(),
  /** No executor works. */
  idle: z.boolean(),
  executors: z.number().int().nonnegative(),
  /** Labels, or null where this master does not tell them. */
  labels: z.array(z.string().max(256)).nullable(),
  builds: z.array(runningBuildSchema),
});
export type Computer = z.infer<typeof computerSchema>;

/** What one source of one master showed in one round. */
export const demandSourceSchema = z.object({
  /** The listener's name, `jenkins-queue` for example. */
  name: z.string().min(1).max(128),
  /** Raised each time another process takes the reading over. */
  term: z.number().int().nonnegative(),
  /** Counts up within a term. */
  round: z.number().int().nonnegative(),
  /** When reading began, in milliseconds of NATS's time. Computers are read before the queue. */
  readAt: z.number(),
  /** When the queue's answer was asked for, in milliseconds of NATS's time. */
  queueReadAt: z.number(),
  /** `unknown` means that the source did not answer: never that nothing is wanted. */
  state: z.enum(["ok", "unknown"]),
  /** Why the state is unknown, as one sentence. */
  problem: z.object({ code: z.string(), message: z.string().max(4096) }).optional(),
  /** Changes whenever the master starts anew. */
  session: z.string().max(256).nullable(),
  /** The master is about to shut down and starts no more builds. */
  quietingDown: z.boolean(),
  items: z.array(queueItemSchema),
  /**
   * What of its answer could not be read. `items`: so many, or more, may be missing from the list; what is listed is wanted,
   * but that something is not listed says nothing then. `faults`: where, and what stands there. Absent: all was read.
   */
  unread: z.object({ items: z.number().int().nonnegative(), faults: z.string().min(1).max(4096) }).optional(),
  /** The whole fleet, where the source has one. */
  computers: z.array(computerSchema).optional(),
  /**
   * How slaves are set against the items. `items`: each item has a slave of its own until that has ended. `counts`: an item
   * has no identity, and what runs is an item, too: each slave that lives counts for one. Absent: `computers` show which
   * slaves wait for a build.
   */
  supply: z.enum(["items", "counts"]).optional(),
  /** From the start of one round to the start of the next, in milliseconds; a round of three such ages launches nothing. */
  intervalMs: z.number().positive().optional(),
});
export type DemandSource = z.infer<typeof demandSourceSchema>;

/** Everything one master wants and has, source by source, never merged. */
export const demandSchema = z.object({
  master: z.string().min(1).max(256),
  /** The first is the one that shows the computers, where any does. */
  sources: z.array(demandSourceSchema).min(1),
});
export type Demand = z.infer<typeof demandSchema>;

/** A quick re-read of some of our computers between two rounds. It is no round: nothing is launched from it. */
export const lookSchema = z.object({
  master: z.string().min(1).max(256),
  readAt: z.number(),
  /** Changes whenever the master starts anew; null or absent where that is not told. */
  session: z.string().max(256).nullable().optional(),
  computers: z.array(computerSchema),
});
export type Look = z.infer<typeof lookSchema>;
