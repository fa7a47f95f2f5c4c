import type { Bus } from "@kubestack/bus";
import {
  type Command,
  channels,
  commands,
  type DemandSource,
  hasCode,
  type KeptMaster,
  type Plan,
  type QueueItem,
  type ServiceName,
  type ServiceStatus,
  type SlaveRecord,
  sentenceOf,
  serviceNames,
  streams,
} from "@kubestack/contracts";
import { mergedStatus } from "./merged-status.ts";

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

/** Everything that `status` is made from, as of one moment. */
export interface Observation {
  readonly services: Readonly<Record<ServiceName, ServiceAnswer>>;
  readonly slaves: readonly SlaveRecord[];
  readonly unreadable: number;
  readonly rounds: ReadonlyMap<string, NewestRound>;
  readonly plans: ReadonlyMap<string, Plan>;
  /** What is kept of each master, by its name: orders, and whether it has left the configuration. */
  readonly kept: ReadonlyMap<string, KeptMaster>;
  /** Who holds each lease, by its key. */
  readonly holders: ReadonlyMap<string, string>;
  /** The newest instant of NATS's time that was seen, in milliseconds. */
  readonly newestStamp: number;
}

const answerMs = 2000;
/** More masters than this are not looked at. */
const masterLimit = 10_000;

const statusCommands: Readonly<Record<ServiceName, Command<object, ServiceStatus>>> = {
  "demand-collector": commands.collectorStatus,
  "completion-collector": commands.completionStatus,
  "slave-supervisor": commands.supervisorStatus,
};

/** Asks every process of every service and reads what is kept; a service that does not answer is part of what is seen. */
export async function observe(bus: Bus): Promise<Observation> {
  let unreadable = 0;
  const skip = (): void => {
    unreadable += 1;
  };
  const [answers, slaves, demands, plans, leases, kept] = await Promise.all([
    Promise.all(serviceNames.map(async (name) => [name, await ask(bus, name)] as const)),
    bus.slaves.list(undefined, skip),
    bus.history(channels.demand, allOf("DEMAND"), { limit: masterLimit }),
    bus.history(channels.plan, allOf("PLAN"), { limit: masterLimit }),
    bus.leases.list(undefined, skip),
    bus.masters.list(undefined, skip),
  ]);
  const stamps = [
    ...slaves.map(({ value }) => value.life.trail.at(-1)?.at ?? 0),
    ...demands.map(({ publishedAt }) => publishedAt),
  ];
  return {
    services: Object.fromEntries(answers) as Record<ServiceName, ServiceAnswer>,
    slaves: slaves.map(({ value }) => value),
    unreadable,
    rounds: new Map(
      demands.flatMap(({ data: { master, sources }, publishedAt }) =>
        sources
          .slice(0, 1)
          .map((source) => [
            master,
            { source: { ...source, items: waitingIn(sources) }, others: sources.slice(1), publishedAt },
          ]),
      ),
    ),
    plans: new Map(plans.map(({ data }) => [data.master, data])),
    kept: new Map(kept.map(({ value }) => [value.master, value])),
    holders: new Map(leases.map(({ key, value }) => [key, value.holder])),
    newestStamp: stamps.reduce((newest, stamp) => Math.max(newest, stamp), 0),
  };
}

/** What waits at any source of a master that answers. */
function waitingIn(sources: readonly DemandSource[]): QueueItem[] {
  return sources.flatMap(({ state, items }) =>
    state === "ok" ? items.filter(({ isRunning }) => isRunning !== true) : [],
  );
}

/** The stream's own subject: one message for each master. */
function allOf(stream: "DEMAND" | "PLAN"): string {
  return streams[stream].subjects[0] ?? ">";
}

async function ask(bus: Bus, name: ServiceName): Promise<ServiceAnswer> {
  try {
    const statuses = await bus.requestAll(statusCommands[name], {}, { timeoutMs: answerMs });
    const status = mergedStatus(statuses);
    if (status === undefined) return { state: "absent", detail: "nobody answers" };
    return { state: "ok", status, processes: statuses.map(({ process, version }) => ({ process, version })) };
  } catch (error) {
    if (hasCode(error, "bus-unavailable")) return { state: "absent", detail: "nobody answers" };
    return { state: "faulty", detail: `its answer can't be used: ${sentenceOf(error)}` };
  }
}
