import type { Bus } from "@kubestack/bus";
import {
  channels,
  commands,
  hasCode,
  KubestackError,
  type PoolsReply,
  type ServiceName,
  sentenceOf,
  serviceNames,
  statusCommands,
  streams,
} from "@kubestack/contracts";
import {
  answerFor,
  answerOf,
  decidedPools,
  type Observation,
  observationOf,
  type ServiceAnswer,
} from "@kubestack/explain";
import type { KnownSlaves } from "./known-slaves.ts";

/** What the world is read from. */
export type WorldBus = Pick<Bus, "requestAll" | "history" | "leases" | "masters">;

/** A service that does not answer within this time, in milliseconds, is told as absent. */
const answerMs = 2000;
/** More masters than this are not looked at. */
const masterLimit = 10_000;

/** Asks every process of every service, and reads what is kept. `bus-unavailable` where NATS does not say: never an empty world. */
export async function readWorld(bus: WorldBus, slaves: Pick<KnownSlaves, "all">): Promise<Observation> {
  try {
    return await readAll(bus, slaves);
  } catch (error) {
    if (hasCode(error, "bus-unavailable")) throw error;
    throw new KubestackError("bus-unavailable", `NATS does not say what there is: ${sentenceOf(error)}; ask again.`, {
      cause: error,
    });
  }
}

async function readAll(bus: WorldBus, slaves: Pick<KnownSlaves, "all">): Promise<Observation> {
  let unreadable = 0;
  const skip = (): void => {
    unreadable += 1;
  };
  const [answers, known, demands, plans, leases, kept, pools] = await Promise.all([
    Promise.all(serviceNames.map(async (name) => [name, await ask(bus, name)] as const)),
    slaves.all(),
    bus.history(channels.demand, allOf("DEMAND"), { limit: masterLimit }),
    bus.history(channels.plan, allOf("PLAN"), { limit: masterLimit }),
    bus.leases.list(undefined, skip),
    bus.masters.list(undefined, skip),
    askPools(bus),
  ]);
  return observationOf({
    services: Object.fromEntries(answers) as Record<ServiceName, ServiceAnswer>,
    slaves: known.records,
    unreadable: unreadable + known.unreadable,
    demands,
    plans: plans.map(({ data }) => data),
    kept: kept.map(({ value }) => value),
    pools,
    holders: new Map(leases.map(({ key, value }) => [key, value.holder])),
  });
}

/** The stream's own subject: one message for each master. */
function allOf(stream: "DEMAND" | "PLAN"): string {
  return streams[stream].subjects[0] ?? ">";
}

async function ask(bus: WorldBus, name: ServiceName): Promise<ServiceAnswer> {
  try {
    return answerOf(await bus.requestAll(statusCommands[name], {}, { timeoutMs: answerMs }));
  } catch (error) {
    return answerFor(error);
  }
}

/** Where nobody scales node pools nobody answers. */
async function askPools(bus: WorldBus): Promise<PoolsReply | undefined> {
  try {
    return decidedPools(await bus.requestAll(commands.pools, {}, { timeoutMs: answerMs }));
  } catch {
    return undefined;
  }
}
