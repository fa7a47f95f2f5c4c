import type { FaultDone, History, Takeover } from "./history.ts";
import { sharedBuilds } from "./invariants.ts";
import type { KindName } from "./kinds.ts";

/** A time that something took, and what it was. */
export interface Longest {
  readonly ms: number;
  readonly what: string;
}

/** What a run came to, in figures. */
export interface Measures {
  readonly builds: {
    readonly all: number;
    readonly well: number;
    readonly endedByFaults: number;
    readonly shared: number;
  };
  readonly launches: {
    readonly all: number;
    readonly served: number;
    readonly failed: number;
    readonly withdrawn: number;
    readonly alive: number;
  };
  /** How often each kind of fault met something. */
  readonly survived: ReadonlyMap<KindName, number>;
  /** From the death of a master's owner to the next takeover. */
  readonly takeover: Longest | undefined;
  /** From a fault's end, when a build is queued, until the first one that came since then began: the longest of each kind. */
  readonly health: ReadonlyMap<KindName, Longest>;
}

export function measuresOf(history: History): Measures {
  const { builds, records, ledgers } = history;
  const outcomes = records.map(({ state, life }) => (state === "deleted" ? life.outcome : "alive"));
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
  const well = builds.filter(({ result }) => result === "SUCCESS").length;
  const met = history.faults.filter(({ detail }) => detail !== "nothing to meet");
  return {
    builds: {
      all: builds.length,
      well,
      endedByFaults: builds.filter(({ endedAt, result }) => endedAt !== null && result !== "SUCCESS").length,
      shared: ledgers.reduce((sum, { master }) => sum + sharedBuilds(history, master), 0),
    },
    launches: {
      all: records.length,
      served: count("served"),
      failed: count("failed"),
      withdrawn: count("withdrawn"),
      alive: count("alive"),
    },
    survived: new Map([...Map.groupBy(met, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length])),
    takeover: longest(met.flatMap((fault) => takeoversAfter(fault, history.takeovers))),
    health: new Map(
      [...Map.groupBy(met, ({ kind }) => kind)].flatMap(([kind, all]) => {
        const worst = longest(all.flatMap((fault) => healthAfter(fault, history) ?? []));
        return worst === undefined ? [] : [[kind, worst] as const];
      }),
    ),
  };
}

function longest(times: readonly Longest[]): Longest | undefined {
  return times.reduce<Longest | undefined>(
    (most, one) => (most === undefined || one.ms > most.ms ? one : most),
    undefined,
  );
}

/** For each master that the killed process owned: until it was taken over again, by whomever. */
function takeoversAfter({ kind, target, beganAt }: FaultDone, takeovers: readonly Takeover[]): Longest[] {
  if (kind !== "process.kill" && kind !== "supervisor.kill") return [];
  return [...Map.groupBy(takeovers, ({ master }) => master)].flatMap(([master, own]) => {
    const owner = own.findLast(({ at }) => at <= beganAt)?.process;
    const next = own.find(({ at }) => at > beganAt);
    if (owner !== target || next === undefined) return [];
    return [{ ms: next.at - beganAt, what: `${master} from ${target} to ${next.process}` }];
  });
}

/** The masters' clocks and this process's may differ by so much, in milliseconds. */
const clockMs = 5;

/** The first build to begin of those that came to the master after the fault, whichever it hands out first; undefined where none did. */
function healthAfter({ probe, endedAt }: FaultDone, { builds }: History): Longest | undefined {
  const after = builds.filter(({ master, queuedAt }) => master === probe && queuedAt >= endedAt - clockMs);
  const first = Math.min(...after.flatMap(({ startedAt }) => startedAt ?? []));
  return Number.isFinite(first) ? { ms: first - endedAt, what: probe } : undefined;
}
