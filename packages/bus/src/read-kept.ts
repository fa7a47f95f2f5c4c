import {
  channels,
  commands,
  type Demand,
  type KeptMaster,
  type Plan,
  type PoolsReply,
  type ServiceName,
  type ServiceStatus,
  serviceNames,
  statusCommands,
  streams,
} from "@kubestack/contracts";
import type { Bus } from "./bus.ts";
import type { Kept } from "./messages.ts";

/** What all processes of a service answered, or what asking them raised. */
export type Asked = readonly ServiceStatus[] | { readonly raised: unknown };

/** What NATS keeps of all masters, and what the services say, as of one moment. */
export interface KeptOfAll {
  readonly answers: ReadonlyMap<ServiceName, Asked>;
  readonly demands: readonly Kept<Demand>[];
  readonly plans: readonly Plan[];
  readonly masters: readonly KeptMaster[];
  /** Who holds each lease, by its key. */
  readonly holders: ReadonlyMap<string, string>;
  /** What each process says of the node pools; nothing where nobody scales any, or nobody says. */
  readonly pools: readonly PoolsReply[];
  /** Records that can't be understood, and are left out. */
  readonly unreadable: number;
}

/** A service that does not answer within this time, in milliseconds, is one that does not answer. */
const answerMs = 2000;
/** More masters than this are not looked at. */
const masterLimit = 10_000;

/** Asks every process of every service, and reads what is kept. Raises where NATS does not say: that is not nothing. */
export async function readKept(bus: Pick<Bus, "requestAll" | "history" | "leases" | "masters">): Promise<KeptOfAll> {
  let unreadable = 0;
  const skip = (): void => {
    unreadable += 1;
  };
  const ask = (name: ServiceName): Promise<Asked> =>
    bus.requestAll(statusCommands[name], {}, { timeoutMs: answerMs }).catch((raised: unknown) => ({ raised }));
  const [answers, demands, plans, leases, masters, pools] = await Promise.all([
    Promise.all(serviceNames.map(async (name) => [name, await ask(name)] as const)),
    bus.history(channels.demand, allOf("DEMAND"), { limit: masterLimit }),
    bus.history(channels.plan, allOf("PLAN"), { limit: masterLimit }),
    bus.leases.list(undefined, skip),
    bus.masters.list(undefined, skip),
    bus.requestAll(commands.pools, {}, { timeoutMs: answerMs }).catch(() => []),
  ]);
  return {
    answers: new Map(answers),
    demands,
    plans: plans.map(({ data }) => data),
    masters: masters.map(({ value }) => value),
    holders: new Map(leases.map(({ key, value }) => [key, value.holder])),
    pools,
    unreadable,
  };
}

/** The stream's own subject: one message for each master. */
function allOf(stream: "DEMAND" | "PLAN"): string {
  return streams[stream].subjects[0] ?? ">";
}
