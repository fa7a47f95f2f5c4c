/** What a fault of a kind is done to; of each target there is at most one fault at a time. */
export type TargetClass = "process" | "supervisor" | "nats" | "api" | "master" | "pod" | "machine";

/** One sort of fault, as the schedule knows it. */
export interface Kind {
  readonly target: TargetClass;
  /** How long it lasts, in milliseconds; [0, 0]: it is over at once. */
  readonly lastsMs: readonly [least: number, most: number];
  /** Whether it takes slaves away (from whichever master it meets), so that others have to be launched for their builds. */
  readonly costsSlaves: boolean;
  /** False: only where it is asked for by name. */
  readonly isScheduled: boolean;
  /** It comes once in so many builds at most, and not by itself where there are fewer. Undefined: as often as any other. */
  readonly onceIn?: number;
  /** For people. */
  readonly says: string;
}

const kind = (target: TargetClass, lastsMs: Kind["lastsMs"], says: string): Kind => ({
  target,
  lastsMs,
  says,
  costsSlaves: target === "pod" || target === "machine",
  isScheduled: true,
});
const atOnce: Kind["lastsMs"] = [0, 0];

/** Every kind of fault. */
export const kinds = {
  "process.kill": kind("process", [0, 8_000], "SIGKILL, started again after that time"),
  "supervisor.kill": kind("supervisor", [0, 8_000], "the same to a slave-supervisor"),
  "process.pause": kind("process", [500, 12_000], "SIGSTOP, SIGCONT after that time"),
  "supervisor.long-pause": kind("supervisor", [16_000, 20_000], "SIGSTOP for longer than a lease of 15 s"),
  "clock.skew": kind(
    "process",
    [5_000, 15_000],
    "SIGKILL, started again with a clock up to ten minutes wrong, for that time",
  ),
  "nats.kill": kind("nats", [100, 5_000], "SIGKILL of nats-server, started again on the same store"),
  "nats.cut": kind("process", atOnce, "every connection of a process to NATS breaks: what was on its way is lost"),
  "nats.stall": kind("process", [1_000, 9_000], "what a process and NATS say to each other stands still, then comes"),
  "nats.delay": kind("process", [3_000, 10_000], "each piece of it comes 50 to 400 ms late"),
  "api.kill": kind("api", [100, 5_000], "SIGKILL of the API server, started again on the same store"),
  "api.refuse": kind("api", [2_000, 8_000], "the API server answers half of all requests 429, 500 or 503"),
  "api.hang": kind("api", [2_000, 9_000], "the API server takes requests, does nothing and never answers"),
  "api.lost": kind("api", [3_000, 9_000], "the API server does everything; half of its answers are lost"),
  "api.cut": kind("api", atOnce, "every connection to the API server breaks, watches too"),
  "master.refuse": kind("master", [2_000, 8_000], "the master answers 503"),
  "master.hang": kind("master", [2_000, 8_000], "the master does everything and answers nothing"),
  "master.half": kind("master", [2_000, 8_000], "the master does everything; its answers break off in the middle"),
  "master.lost": kind("master", [2_000, 8_000], "the master does everything; half of its answers are lost"),
  "master.away": kind("master", [1_000, 6_000], "the master's port is closed; builds and agents go on"),
  "master.restart": {
    ...kind("master", [500, 5_000], "the master restarts: running builds end, agents come back"),
    costsSlaves: true,
  },
  "pod.fail": kind("pod", atOnce, "a slave's container ends with code 1"),
  "pod.vanish": kind("pod", atOnce, "a slave's pod is deleted by force"),
  "pod.evict": kind("pod", atOnce, "a slave's pod is evicted"),
  "machine.lost": kind("machine", [3_000, 25_000], "a machine is gone with all that ran there, and comes back empty"),
  // For a minute nothing is supervised then (ADR 0018): with many of them other faults would meet nothing but rest.
  "nats.wipe": { ...kind("nats", [100, 2_000], "nats-server is killed and its store removed"), onceIn: 400 },
  "master.restart-pipelines": {
    ...kind("master", [500, 5_000], "the master restarts, and pipelines that ran are to go on"),
    costsSlaves: true,
    isScheduled: false,
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

/** All names, in the order of the table. */
export const kindNames = Object.keys(kinds) as KindName[];

/** Those that are scheduled where nobody says which. */
export function scheduledKinds(builds: number): KindName[] {
  return kindNames.filter((name) => {
    const { isScheduled, onceIn = 0 }: Kind = kinds[name];
    return isScheduled && onceIn <= builds;
  });
}
