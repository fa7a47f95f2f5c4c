import { z } from "zod";
import { failureSchema } from "./failure.ts";
import { launchedItemSchema } from "./launched-item.ts";
import { podSizeSchema } from "./pod-size.ts";
import { mostServices, slaveServiceSchema } from "./slave-service.ts";

/** The six states of a slave's life, in order. The same names are used by the machine, subjects, metrics and the command line. */
export const slaveStates = ["requested", "scheduled", "online", "busy", "draining", "deleted"] as const;
export const slaveStateSchema = z.enum(slaveStates);
export type SlaveState = (typeof slaveStates)[number];

/** How a launch ended. Each launched slave that is no longer alive is in exactly one class. */
export const outcomeSchema = z.enum(["served", "failed", "withdrawn"]);
export type Outcome = z.infer<typeof outcomeSchema>;

const instant = z.number().nonnegative();

/** One state that a slave entered, when, and why. */
export const trailEntrySchema = z.object({ state: slaveStateSchema, at: instant, reason: z.string().max(2048) });
export type TrailEntry = z.infer<typeof trailEntrySchema>;

/** What a slave that is not online yet waits for; each has its own clock. */
export const waitSchema = z.enum(["node", "image", "start", "agent"]);
export type Wait = z.infer<typeof waitSchema>;

/** How long each phase may take, in milliseconds; fixed at birth, so that editing a template changes no living slave. */
export const slaveLimitsSchema = z.object({
  scheduleMs: z.number().positive(),
  pullMs: z.number().positive(),
  startMs: z.number().positive(),
  connectMs: z.number().positive(),
  idleMs: z.number().positive(),
  maxAgeMs: z.number().positive(),
  /** A slave whose build takes longer gets no further one. Absent: no limit. */
  buildMs: z.number().positive().optional(),
  /** Builds that a slave runs before it goes; 0 is no limit. */
  builds: z.number().int().nonnegative(),
  /** Whose pod is kept when it is over, and for how long, in milliseconds. Absent: nobody's. */
  retain: z.object({ when: z.enum(["onFailure", "always"]), forMs: z.number().positive() }).optional(),
  /** Pods that may follow one that is lost under a build, under the same node. Absent: none. */
  relaunch: z.number().int().positive().optional(),
});
export type SlaveLimits = z.infer<typeof slaveLimitsSchema>;

/** That somebody holds a slave to look into it: it takes no further build, and its pod stays until then. */
export const heldSchema = z.object({
  /** Who, as the command line knows that person. */
  by: z.string().min(1).max(256),
  at: instant,
  until: instant,
  /** Why, in that person's words; empty where none were given. */
  reason: z.string().max(512),
});
export type Held = z.infer<typeof heldSchema>;

/** That a slave's pod was lost under its build, and another one is on its way. */
export const lostSchema = z.object({
  at: instant,
  /** By what, a `FailureClass`, and in words. */
  class: z.string().max(64),
  reason: z.string().max(2048),
});
export type Lost = z.infer<typeof lostSchema>;

/** The machine's context: everything about one slave that must survive a restart. Instants are milliseconds of NATS's time. */
export const slaveLifeSchema = z.object({
  limits: slaveLimitsSchema,
  /** Entries beyond the newest 64 are dropped from the front; `trailDropped` says how many. */
  trail: z.array(trailEntrySchema),
  trailDropped: z.number().int().nonnegative(),
  /** How many entries of the whole trail have been published. */
  announced: z.number().int().nonnegative(),
  /** Which of its pods the next tells of, from 1: each further one follows a lost one, and is created only when that is gone. */
  attempt: z.number().int().positive().default(1),
  /** Its pod was lost under its build, and the agent of the next one has not come yet; null: it has, or none was lost. */
  lost: lostSchema.nullable().default(null),
  pod: z.object({
    uid: z.string().nullable(),
    acceptedAt: instant.nullable(),
    node: z.string().nullable(),
    waitsOn: waitSchema,
    waitsSince: instant,
    waitDetail: z.string().max(2048),
    /** What keeps it waiting, a `FailureClass`, and since when; null: nothing is known to. */
    trouble: z
      .object({ class: z.string().max(64), since: instant })
      .nullable()
      .default(null),
    runningAt: instant.nullable(),
    /** The agent's container ended, or the pod is being taken away: no build can run there any more. */
    endedAt: instant.nullable(),
    goneAt: instant.nullable(),
    /** It is being deleted, and by its own grace is out of the cluster by then. */
    goneBy: instant.nullable().default(null),
    /** It stays long after that: its node may be dead, and if it is nobody but us will ever remove it. */
    isOverdue: z.boolean().default(false),
    /** It is kept for people to look into: since when, until when, and why. Null: it is not, or no more so. */
    retained: z
      .object({ at: instant, until: instant, because: z.string().max(2048) })
      .nullable()
      .default(null),
    /** It was to be kept, perhaps, and is not. */
    isRetentionOver: z.boolean().default(false),
  }),
  node: z.object({
    registeredAt: instant.nullable(),
    removedAt: instant.nullable(),
    /** How often the master dropped it under a slave that lives, and it was to be made anew. */
    drops: z.number().int().nonnegative().default(0),
    /** Why it was given up instead of removed; null: it was not. */
    givenUp: z.string().max(2048).nullable().default(null),
  }),
  secret: z.object({ createdAt: instant.nullable(), goneAt: instant.nullable() }),
  agent: z.object({ firstOnlineAt: instant.nullable(), idleSince: instant.nullable(), lostAt: instant.nullable() }),
  builds: z.object({
    current: z.object({ url: z.string(), startedAt: instant }).nullable(),
    ran: z.number().int().nonnegative(),
    lastUrl: z.string().nullable(),
    finishedAt: instant.nullable(),
    /** Builds that a restart of the master interrupted here, whose end nobody has seen: each may go on here, and only here. */
    awaited: z.array(z.string()).default([]),
    /** Since when such builds have been awaited with nothing running: the restart, or the end of another build. */
    awaitedSince: instant.nullable().default(null),
  }),
  /** In which start of the master it was seen last; null where that is not known, or the master does not tell. */
  session: z.string().nullable().default(null),
  /**
   * Since when a build that nobody told of may wait for this slave and no other: its master was started anew while such a
   * one could have run here. Null where none can have, or a reading of the queue, late enough, showed none.
   */
  unsureSince: instant.nullable().default(null),
  /** When the master was told to hand it no more builds, and answered. */
  markedAt: instant.nullable(),
  /** When the master answered that it hands it builds again, for one that it awaits; null: that is to be done, or no more so. */
  unmarkedAt: instant.nullable().default(null),
  /** Reads of the master that began after the mark (and after its last build ended) and showed it idle. */
  idleLooks: z.number().int().nonnegative(),
  lastLookAt: instant.nullable(),
  /** Goes after the build it runs now, whatever its limit of builds. */
  goesAfterBuild: z.boolean(),
  /** Somebody looks into it; null: nobody does, or no more so. */
  held: heldSchema.nullable().default(null),
  /** Seen idle after its mark long ago while the master does not answer: the pod need not wait for its node any more. */
  podMayGoFirst: z.boolean(),
  outcome: outcomeSchema.nullable(),
  /** Why its agent did not come, as its log told: an `AgentCause`. Null: that is not why it left, or nothing is known. */
  cause: z.string().max(64).nullable().default(null),
  /** What it was lost by, or its launch failed of, also where a build had begun. Null: it went as it should, or goes not yet. */
  failure: failureSchema.nullable().default(null),
});
export type SlaveLife = z.infer<typeof slaveLifeSchema>;

/** Version of the record's form. A record with a higher one was written by a newer release: hands off. */
export const slaveRecordVersion = 1;

/** A slave as it is kept in KV `kubestack_slaves` under `<master>.<slave>`. */
export const slaveRecordSchema = z.object({
  version: z.number().int(),
  /** Random for each write: settles whether a write whose answer was lost took place. */
  op: z.string(),
  install: z.string(),
  master: z.string(),
  name: z.string(),
  epoch: z.string(),
  number: z.number().int().nonnegative(),
  /** Random, decided at birth; the pod carries it too, so that only the right pod is ever adopted. */
  nonce: z.string(),
  template: z.string(),
  labels: z.array(z.string()),
  /** What was asked for by label when it was launched. Absent: nothing, its pod is as its template says. */
  size: podSizeSchema.optional(),
  /** Services of the cluster that lead to its pod, and go with it; fixed at birth. Absent: none. */
  services: z.array(slaveServiceSchema).max(mostServices).optional(),
  /** Whether it takes builds that name no label. Absent: an earlier release launched it, and its template says. */
  unlabelled: z.boolean().optional(),
  /** The agent's folder, by its template when it was launched. Absent: as above. */
  workDir: z.string().optional(),
  /** The queue item that it was launched for; which build it gets is the master's choice. */
  item: launchedItemSchema.nullable(),
  /** It was launched for no item, but to be idle. Default false. */
  isWarm: z.boolean().optional(),
  namespace: z.string(),
  state: slaveStateSchema,
  life: slaveLifeSchema,
});
export type SlaveRecord = z.infer<typeof slaveRecordSchema>;

/** Published on `kubestack.slave.<master>.<template>.<state>` each time that a slave enters a state. */
export const slaveEventSchema = z.object({
  slave: z.string(),
  master: z.string(),
  template: z.string(),
  state: slaveStateSchema,
  previous: slaveStateSchema.nullable(),
  reason: z.string(),
  at: z.number(),
  /** Milliseconds spent in the state before; null for the first. */
  afterMs: z.number().nullable(),
  /** Position in the slave's trail, from 0. */
  step: z.number().int().nonnegative(),
  pod: z.object({ namespace: z.string(), uid: z.string().nullable(), node: z.string().nullable() }),
  build: z.string().nullable(),
  /** Which of its pods; absent: the first one. */
  attempt: z.number().int().positive().optional(),
  outcome: outcomeSchema.nullable(),
  /** Why its agent did not come, as its log told; absent where that is not why, or nothing is known. */
  cause: z.string().optional(),
  /** What it was lost by, or its launch failed of, from `draining` on; absent where nothing went wrong. */
  failure: failureSchema.optional(),
});
export type SlaveEventMessage = z.infer<typeof slaveEventSchema>;
