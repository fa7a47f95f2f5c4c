import type { z } from "zod";
import { capacityEventSchema } from "./capacity.ts";
import { completionSchema } from "./completion.ts";
import { demandSchema, lookSchema } from "./demand.ts";
import { eventTypePrefix } from "./event.ts";
import { externalCompletionSchema } from "./external-completion.ts";
import { externalDemandSchema } from "./external-demand.ts";
import { hookedSchema } from "./hooked-job.ts";
import { templatesChangedSchema } from "./kept-template.ts";
import { masterEventSchema } from "./master.ts";
import { memberSchema } from "./member.ts";
import { planSchema } from "./plan.ts";
import { slaveEventSchema } from "./slave.ts";

/** A kind of message: where it travels, what it holds, and whether and where it is kept. */
export interface Channel<T> {
  readonly name: string;
  /** The CloudEvents type. */
  readonly type: string;
  /** The subject with `<…>` in place of tokens, for people. */
  readonly form: string;
  readonly schema: z.ZodType<T>;
  /** The stream that keeps it; null travels only to who listens now. */
  readonly stream: StreamName | null;
  /** What it tells, in one sentence. */
  readonly about: string;
  /** Whether what it holds may come without a CloudEvent around it: anybody may send it, by the nats CLI for example. */
  readonly mayBeBare?: boolean;
}

export type StreamName = "DEMAND" | "EXTERNAL" | "PLAN" | "COMPLETION" | "EVENTS";

function channel<T>(name: string, rest: Omit<Channel<T>, "name" | "type">): Channel<T> {
  return { name, type: `${eventTypePrefix}${name}`, ...rest };
}

/** The table of all channels: docs/subjects.md and the round-trip tests are made from it. */
export const channels = {
  demand: channel("demand", {
    form: "kubestack.demand.<master>",
    schema: demandSchema,
    stream: "DEMAND",
    about: "The whole present demand of a master and its computers, by source, with term and round.",
  }),
  externalDemand: channel("externalDemand", {
    form: "kubestack.external.demand.<master>",
    schema: externalDemandSchema,
    stream: "EXTERNAL",
    about: "What a system of one's own wants, whole, sent by it; as a CloudEvent or as bare JSON.",
    mayBeBare: true,
  }),
  look: channel("look", {
    form: "kubestack.look.<master>",
    schema: lookSchema,
    stream: null,
    about: "A quick re-read of the master's computers between two rounds; nothing is launched from it.",
  }),
  hooked: channel("hooked", {
    form: "kubestack.hooked.<master>",
    schema: hookedSchema,
    stream: null,
    about: "What webhooks told of a master's jobs has changed: whoever reads it may read it now.",
  }),
  plan: channel("plan", {
    form: "kubestack.plan.<master>",
    schema: planSchema,
    stream: "PLAN",
    about: "What the supervisor launches, and why each other item waits.",
  }),
  completion: channel("completion", {
    form: "kubestack.completion.<master>.<phase>",
    schema: completionSchema,
    stream: "COMPLETION",
    about: "A build started, completed or finished.",
  }),
  externalCompletion: channel("externalCompletion", {
    form: "kubestack.external.completion.<master>",
    schema: externalCompletionSchema,
    stream: null,
    about: "A slave's work began or is over, told by a system of one's own; as a CloudEvent or as bare JSON.",
    mayBeBare: true,
  }),
  slave: channel("slave", {
    form: "kubestack.slave.<master>.<template>.<state>",
    schema: slaveEventSchema,
    stream: "EVENTS",
    about: "A slave entered a state: name, why, and how long the state before took.",
  }),
  master: channel("master", {
    form: "kubestack.master.<master>.<event>",
    schema: masterEventSchema,
    stream: "EVENTS",
    about:
      "A master became reachable or unreachable, restarted, refused us, changed its owner, was paused, drained or resumed, or is served no longer; or a person holds one of its slaves, releases it, or lifts a hold.",
  }),
  capacity: channel("capacity", {
    form: "kubestack.capacity.<pool>.<event>",
    schema: capacityEventSchema,
    stream: "EVENTS",
    about:
      "A node pool is planned to have more nodes, was scaled, is held back since it did not deliver, delivered nodes, or had some removed.",
  }),
  templates: channel("templates", {
    form: "kubestack.templates",
    schema: templatesChangedSchema,
    stream: null,
    about: "Templates were applied or deleted: whoever follows them may read them now.",
  }),
  member: channel("member", {
    form: "kubestack.member.<service>",
    schema: memberSchema,
    stream: null,
    about:
      "A process of a service lives, every second: which masters it may serve, which it holds, and why it can't work if it can't.",
  }),
} as const;

/** What a stream keeps. Sizes are bytes, ages milliseconds; `perSubject` is how many messages of one subject stay. */
export interface StreamShape {
  readonly subjects: readonly string[];
  readonly perSubject: number;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export const streams: Readonly<Record<StreamName, StreamShape>> = {
  DEMAND: { subjects: ["kubestack.demand.*"], perSubject: 1, maxAgeMs: 0, maxBytes: 256 * 1024 * 1024 },
  EXTERNAL: { subjects: ["kubestack.external.demand.*"], perSubject: 1, maxAgeMs: DAY_MS, maxBytes: 64 * 1024 * 1024 },
  PLAN: { subjects: ["kubestack.plan.*"], perSubject: 1, maxAgeMs: 0, maxBytes: 64 * 1024 * 1024 },
  COMPLETION: { subjects: ["kubestack.completion.*.*"], perSubject: -1, maxAgeMs: DAY_MS, maxBytes: 256 * 1024 * 1024 },
  EVENTS: {
    subjects: ["kubestack.slave.*.*.*", "kubestack.capacity.*.*", "kubestack.master.*.*"],
    perSubject: -1,
    maxAgeMs: 7 * DAY_MS,
    maxBytes: 1024 * 1024 * 1024,
  },
};
