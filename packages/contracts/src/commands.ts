import { z } from "zod";
import { type PoolsReply, poolsReplySchema } from "./capacity.ts";
import {
  type ExplainRequest,
  type ExplanationMessage,
  explainRequestSchema,
  explanationSchema,
} from "./explanation.ts";
import { type MasterOrder, masterOrderSchema } from "./kept-master.ts";
import {
  type Applied,
  type ApplyRequest,
  appliedSchema,
  applyRequestSchema,
  type DeleteTemplateRequest,
  deleteTemplateRequestSchema,
  type TemplateBookTold,
  templateBookSchema,
  templateFaultSchema,
  toldFaults,
} from "./kept-template.ts";
import { holdSchema } from "./plan.ts";
import { heldSchema, type SlaveState, slaveStateSchema } from "./slave.ts";

/** A question that one service answers over NATS. Requests go to `kubestack.rpc.<service>.<name>[.<master>]`. */
export interface Command<Request, Reply> {
  readonly service: AnyServiceName;
  readonly name: string;
  readonly request: z.ZodType<Request>;
  readonly reply: z.ZodType<Reply>;
  /** Which of several processes of the service answers: each of them, or any one. Default `each`. */
  readonly answeredBy?: "each" | "one";
}

/** The services that work for masters, and share them by leases. */
export const serviceNames = ["demand-collector", "completion-collector", "slave-supervisor"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Those that share work by leases: the masters, and the cluster's node pools. */
export const leasingServiceNames = [...serviceNames, "capacity-autoscaler"] as const;
export type LeasingServiceName = (typeof leasingServiceNames)[number];

/** Every service that a process may run: those, and `api`, which serves people and keeps nothing. */
export const allServiceNames = [...leasingServiceNames, "api"] as const;
export type AnyServiceName = (typeof allServiceNames)[number];

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
  /** What a person has to mend about this process, each as a sentence; absent where an older release tells. */
  notes: z.array(z.string()).optional(),
  /** What is wrong with templates from elsewhere than the file; the notes say so too. Absent: nothing that is known. */
  templateFaults: z.array(templateFaultSchema).max(toldFaults).optional(),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

/** Nodes that one request to look may name at most. */
export const mostNodesAsked = 1000;

/** A hint that something happened at a master: what is true is what the look then shows. */
export const lookRequestSchema = z.object({
  master: z.string().min(1).max(256),
  /** The nodes to look at. None means each slave that was last shown busy; those are looked at once. */
  nodes: z.array(z.string().max(512)).max(mostNodesAsked),
  /** `seen`: one look that begins after the request. `idle`: looks until they are shown idle or gone, for ten seconds at most. */
  until: z.enum(["seen", "idle"]),
});
export type LookRequest = z.infer<typeof lookRequestSchema>;

/** What a person wants of a master: see `MasterOrder`; `resume` ends either. */
export const orderRequestSchema = z.object({
  master: z.string().min(1).max(256),
  wants: z.enum(["pause", "drain", "resume"]),
  by: z.string().min(1).max(256),
  reason: z.string().max(512),
});
export type OrderRequest = z.infer<typeof orderRequestSchema>;

/** That a master which is out of the configuration is off for good. */
export const forgetRequestSchema = z.object({
  master: z.string().min(1).max(256),
  by: z.string().min(1).max(256),
  reason: z.string().max(512),
  /** Whether the person knows that slaves are left, and what becomes of them. */
  isConfirmed: z.boolean(),
});
export type ForgetRequest = z.infer<typeof forgetRequestSchema>;

/** That a slave is to be kept for somebody who looks into it. */
export const holdRequestSchema = z.object({
  master: z.string().min(1).max(256),
  slave: z.string().min(1).max(256),
  by: z.string().min(1).max(256),
  reason: z.string().max(512),
  /** From now on, in milliseconds. */
  forMs: z.number().int().positive(),
});
export type HoldRequest = z.infer<typeof holdRequestSchema>;

/** That nobody looks into a slave any more. */
export const releaseRequestSchema = holdRequestSchema.omit({ forMs: true });
export type ReleaseRequest = z.infer<typeof releaseRequestSchema>;

/** How a slave stands that is held: by whom, and until when in milliseconds of NATS's time. */
export const holdToldSchema = z.object({ slave: z.string(), state: slaveStateSchema, held: heldSchema });
export type HoldTold = z.infer<typeof holdToldSchema>;

/** That what is held back at a master is to be tried again now. */
export const liftRequestSchema = z.object({
  master: z.string().min(1).max(256),
  what: holdSchema.shape.what,
  /** Of a template without a size. */
  name: z.string().min(1).max(256),
  by: z.string().min(1).max(256),
  reason: z.string().max(512),
});
export type LiftRequest = z.infer<typeof liftRequestSchema>;

/** Which template is asked after. */
export const runningTemplateRequestSchema = z.object({
  master: z.string().min(1).max(256),
  template: z.string().min(1).max(256),
});
export type RunningTemplateRequest = z.infer<typeof runningTemplateRequestSchema>;

/** A template as it is in force for a master; null where none of this name serves it. */
export const runningTemplateSchema = z.object({
  template: z
    .object({
      /** The pod of a slave that there is not, with stand-ins for what only a launch knows. */
      pod: z.record(z.string(), z.json()),
      /** What else it says, in the configuration's own keys. */
      settings: z.record(z.string(), z.json()),
    })
    .nullable(),
});
export type RunningTemplate = z.infer<typeof runningTemplateSchema>;

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
  autoscalerStatus: {
    service: "capacity-autoscaler",
    name: "status",
    request: nothing,
    reply: serviceStatusSchema,
  } satisfies Command<object, ServiceStatus>,
  /** How the node pools stand: the process that decides on them says so, the others that they don't. */
  pools: {
    service: "capacity-autoscaler",
    name: "pools",
    request: nothing,
    reply: poolsReplySchema,
  } satisfies Command<object, PoolsReply>,
  /** Asks the collector for a round that begins now; answered when it is published. */
  freshRound: {
    service: "demand-collector",
    name: "round",
    request: z.object({ master: z.string() }),
    reply: z.object({ term: z.number(), round: z.number(), sequence: z.number() }),
  } satisfies Command<{ master: string }, { term: number; round: number; sequence: number }>,
  /** Asks the collector for a look as soon as it can. Not accepted where it concerns no slave of ours. */
  lookNow: {
    service: "demand-collector",
    name: "look",
    request: lookRequestSchema,
    reply: z.object({ accepted: z.boolean() }),
  } satisfies Command<LookRequest, { accepted: boolean }>,
  /** Asks a master's owner to pause, drain or resume it; answered when that is kept and holds. */
  orderMaster: {
    service: "slave-supervisor",
    name: "order",
    request: orderRequestSchema,
    reply: z.object({ master: z.string(), order: masterOrderSchema.nullable() }),
  } satisfies Command<OrderRequest, { master: string; order: MasterOrder | null }>,
  /** Asks the owner of a master that is out of the configuration to give it up; answered, when that is kept, with the slaves that are left. */
  forgetMaster: {
    service: "slave-supervisor",
    name: "forget",
    request: forgetRequestSchema,
    reply: z.object({ master: z.string(), slaves: z.number().int() }),
  } satisfies Command<ForgetRequest, { master: string; slaves: number }>,
  /** Asks a master's owner what the next slave of a template is made of. */
  runningTemplate: {
    service: "slave-supervisor",
    name: "template",
    request: runningTemplateRequestSchema,
    reply: runningTemplateSchema,
  } satisfies Command<RunningTemplateRequest, RunningTemplate>,
  /** Checks templates against one supervisor's configuration, all of them together, and keeps them. */
  applyTemplates: {
    service: "slave-supervisor",
    name: "apply-templates",
    request: applyRequestSchema,
    reply: z.object({ templates: z.array(appliedSchema) }),
    answeredBy: "one",
  } satisfies Command<ApplyRequest, { templates: Applied[] }>,
  /** Takes an applied template away: what was launched from it goes on. */
  deleteTemplate: {
    service: "slave-supervisor",
    name: "delete-template",
    request: deleteTemplateRequestSchema,
    reply: z.object({ name: z.string() }),
    answeredBy: "one",
  } satisfies Command<DeleteTemplateRequest, { name: string }>,
  /** The templates in force, wherever they come from, and what is wrong with others. */
  templates: {
    service: "slave-supervisor",
    name: "templates",
    request: nothing,
    reply: templateBookSchema,
  } satisfies Command<object, TemplateBookTold>,
  /** Asks a master's owner to keep a slave for somebody who looks into it; answered when that is saved. */
  holdSlave: {
    service: "slave-supervisor",
    name: "hold",
    request: holdRequestSchema,
    reply: holdToldSchema,
  } satisfies Command<HoldRequest, HoldTold>,
  /** Ends a hold: the slave goes on to leave. */
  releaseSlave: {
    service: "slave-supervisor",
    name: "release",
    request: releaseRequestSchema,
    reply: z.object({ slave: z.string(), state: slaveStateSchema }),
  } satisfies Command<ReleaseRequest, { slave: string; state: SlaveState }>,
  /** Ends the hold of a template with its sizes, a namespace or a master: one slave is tried next. Answered when that is kept. */
  liftHold: {
    service: "slave-supervisor",
    name: "lift",
    request: liftRequestSchema,
    reply: liftRequestSchema.pick({ master: true, what: true, name: true }),
  } satisfies Command<LiftRequest, Pick<LiftRequest, "master" | "what" | "name">>,
  /** Why a build waits, what a slave does, how a label is served, how a master stands. `not-found` says what is wrong with a name. */
  explain: {
    service: "api",
    name: "explain",
    request: explainRequestSchema,
    reply: explanationSchema,
    answeredBy: "one",
  } satisfies Command<ExplainRequest, ExplanationMessage>,
  drainSlave: {
    service: "slave-supervisor",
    name: "drain",
    request: z.object({ master: z.string(), slave: z.string(), reason: z.string().max(512) }),
    reply: z.object({ slave: z.string(), state: z.string() }),
  } satisfies Command<{ master: string; slave: string; reason: string }, { slave: string; state: string }>,
} as const;

/** By which command each service tells how it stands. */
export const statusCommands: Readonly<Record<ServiceName, Command<object, ServiceStatus>>> = {
  "demand-collector": commands.collectorStatus,
  "completion-collector": commands.completionStatus,
  "slave-supervisor": commands.supervisorStatus,
};
