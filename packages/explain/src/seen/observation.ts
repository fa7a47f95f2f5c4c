import {
  type Demand,
  type DemandSource,
  type KeptMaster,
  type Plan,
  type PoolsReply,
  type QueueItem,
  type ServiceName,
  type ServiceStatus,
  type SlaveRecord,
  serviceNames,
} from "@kubestack/contracts";
import { decidedPools } from "./pools-reply.ts";
import { answerFor, answerOf } from "./service-answer.ts";

/** How one service answered: what all its processes say, as one, and the releases that run. */
export type ServiceAnswer =
  | { readonly state: "ok"; readonly status: ServiceStatus; readonly processes?: readonly ServiceProcess[] }
  /** Nobody answers, or what answers can't be understood. */
  | { readonly state: "absent" | "faulty"; readonly detail: string };

/** One process of a service. */
export type ServiceProcess = Pick<ServiceStatus, "process" | "version">;

/** The newest round of a master, and when NATS stored it. */
export interface NewestRound {
  readonly source: DemandSource;
  /** Its other sources; undefined where it has none. */
  readonly others?: readonly DemandSource[];
  readonly publishedAt: number;
}

/** Everything that an answer is made from, as of one moment. */
export interface Observation {
  readonly services: Readonly<Record<ServiceName, ServiceAnswer>>;
  readonly slaves: readonly SlaveRecord[];
  readonly unreadable: number;
  readonly rounds: ReadonlyMap<string, NewestRound>;
  readonly plans: ReadonlyMap<string, Plan>;
  /** What is kept of each master, by its name: orders, and whether it has left the configuration. */
  readonly kept: ReadonlyMap<string, KeptMaster>;
  /** How the node pools stand; absent where nobody scales any, or does not say. */
  readonly pools?: PoolsReply | undefined;
  /** Who holds each lease, by its key. */
  readonly holders: ReadonlyMap<string, string>;
  /** The newest instant of NATS's time that was seen, in milliseconds. */
  readonly newestStamp: number;
}

/** The newest demand of a master, and when NATS stored it. */
export interface KeptDemand {
  readonly data: Demand;
  readonly publishedAt: number;
}

/** What was read of NATS, and what the services answered. */
export interface Reading extends Pick<Observation, "slaves" | "unreadable" | "holders"> {
  /** What all processes of each service answered, or what asking them raised. */
  readonly answers: ReadonlyMap<ServiceName, readonly ServiceStatus[] | { readonly raised: unknown }>;
  readonly demands: readonly KeptDemand[];
  readonly plans: readonly Plan[];
  readonly masters: readonly KeptMaster[];
  /** What each process says of the node pools. */
  readonly pools: readonly PoolsReply[];
}

/** What was read, as answers need it. */
export function observationOf(read: Reading): Observation {
  const { answers, slaves, demands, plans, masters, pools, unreadable, holders } = read;
  const stamps = [
    ...slaves.map(({ life }) => life.trail.at(-1)?.at ?? 0),
    ...demands.map(({ publishedAt }) => publishedAt),
  ];
  const services = serviceNames.map((name) => [name, answered(answers.get(name) ?? [])] as const);
  return {
    services: Object.fromEntries(services) as Observation["services"],
    ...{ slaves, unreadable, holders, pools: decidedPools(pools) },
    rounds: new Map(demands.flatMap(roundsIn)),
    plans: new Map(plans.map((plan) => [plan.master, plan])),
    kept: new Map(masters.map((value) => [value.master, value])),
    newestStamp: stamps.reduce((newest, stamp) => Math.max(newest, stamp), 0),
  };
}

function answered(said: readonly ServiceStatus[] | { readonly raised: unknown }): ServiceAnswer {
  return "raised" in said ? answerFor(said.raised) : answerOf(said);
}

function roundsIn({ data: { master, sources }, publishedAt }: KeptDemand): [master: string, round: NewestRound][] {
  return sources
    .slice(0, 1)
    .map((source) => [
      master,
      { source: { ...source, items: waitingIn(sources) }, others: sources.slice(1), publishedAt },
    ]);
}

/** What waits at any source of a master that answers. */
function waitingIn(sources: readonly DemandSource[]): QueueItem[] {
  return sources.flatMap(({ state, items }) =>
    state === "ok" ? items.filter(({ isRunning }) => isRunning !== true) : [],
  );
}
