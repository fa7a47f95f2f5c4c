import { z } from "zod";

/** A question that one service answers over NATS. Requests go to `kubestack.rpc.<service>.<name>[.<master>]`. */
export interface Command<Request, Reply> {
  readonly service: ServiceName;
  readonly name: string;
  readonly request: z.ZodType<Request>;
  readonly reply: z.ZodType<Reply>;
}

export const serviceNames = ["demand-collector", "completion-collector", "slave-supervisor"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** How one service sees one master. */
export const masterStatusSchema = z.object({
  master: z.string(),
  /** `ok`, `unreachable`, `refused`, `starting`, `waiting` (another process holds the lease). */
  state: z.enum(["ok", "unreachable", "refused", "starting", "waiting"]),
  detail: z.string(),
  owner: z.string(),
  /** Waiting builds, by the last usable round; null while unknown. */
  waiting: z.number().int().nullable(),
  oldestWaitingSince: z.number().nullable(),
  since: z.number(),
});
export type MasterStatus = z.infer<typeof masterStatusSchema>;

export const serviceStatusSchema = z.object({
  service: z.string(),
  version: z.string(),
  install: z.string(),
  process: z.string(),
  startedAt: z.number(),
  clockOffsetMs: z.number(),
  cluster: z.object({ state: z.enum(["ok", "unavailable"]), detail: z.string() }).optional(),
  masters: z.array(masterStatusSchema),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

const nothing = z.object({});

export const commands = {
  collectorStatus: {
    service: "demand-collector",
    name: "status",
    request: nothing,
    reply: serviceStatusSchema,
  } satisfies Command<object, ServiceStatus>,
  completionStatus: {
    service: "completion-collector",
    name: "status",
    request: nothing,
    reply: serviceStatusSchema,
  } satisfies Command<object, ServiceStatus>,
  supervisorStatus: {
    service: "slave-supervisor",
    name: "status",
    request: nothing,
    reply: serviceStatusSchema,
  } satisfies Command<object, ServiceStatus>,
  /** Asks the collector for a round that begins now; answered when it is published. */
  freshRound: {
    service: "demand-collector",
    name: "round",
    request: z.object({ master: z.string() }),
    reply: z.object({ term: z.number(), round: z.number(), sequence: z.number() }),
  } satisfies Command<{ master: string }, { term: number; round: number; sequence: number }>,
  drainSlave: {
    service: "slave-supervisor",
    name: "drain",
    request: z.object({ master: z.string(), slave: z.string(), reason: z.string().max(512) }),
    reply: z.object({ slave: z.string(), state: z.string() }),
  } satisfies Command<{ master: string; slave: string; reason: string }, { slave: string; state: string }>,
} as const;
