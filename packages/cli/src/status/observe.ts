import type { Bus } from "@kubestack/bus";
import {
  channels,
  commands,
  type PoolsReply,
  type ServiceName,
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

const answerMs = 2000;
/** More masters than this are not looked at. */
const masterLimit = 10_000;

/** Asks every process of every service and reads what is kept; a service that does not answer is part of what is seen. */
export async function observe(bus: Bus): Promise<Observation> {
  let unreadable = 0;
  const skip = (): void => {
    unreadable += 1;
  };
  const [answers, slaves, demands, plans, leases, kept, pools] = await Promise.all([
    Promise.all(serviceNames.map(async (name) => [name, await ask(bus, name)] as const)),
    bus.slaves.list(undefined, skip),
    bus.history(channels.demand, allOf("DEMAND"), { limit: masterLimit }),
    bus.history(channels.plan, allOf("PLAN"), { limit: masterLimit }),
    bus.leases.list(undefined, skip),
    bus.masters.list(undefined, skip),
    askPools(bus),
  ]);
  return observationOf({
    services: Object.fromEntries(answers) as Record<ServiceName, ServiceAnswer>,
    slaves: slaves.map(({ value }) => value),
    unreadable,
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

async function ask(bus: Bus, name: ServiceName): Promise<ServiceAnswer> {
  try {
    return answerOf(await bus.requestAll(statusCommands[name], {}, { timeoutMs: answerMs }));
  } catch (error) {
    return answerFor(error);
  }
}

/** Where nobody scales node pools nobody answers. */
async function askPools(bus: Bus): Promise<PoolsReply | undefined> {
  try {
    return decidedPools(await bus.requestAll(commands.pools, {}, { timeoutMs: answerMs }));
  } catch {
    return undefined;
  }
}
