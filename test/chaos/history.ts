import type { Ledger, SlaveRecord } from "@kubestack/contracts";
import type { KindName } from "./kinds.ts";

/** Times are milliseconds since 1970, all of one machine. */
export interface BuildSeen {
  readonly master: string;
  readonly job: string;
  /** Null until it began. */
  readonly number: number | null;
  readonly queuedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly node: string | null;
  readonly result: string | null;
  /** `itself`, or what cut it off. */
  readonly endedBy: string | null;
}

/** One pod, by its uid, however its object is called. */
export interface PodSeen {
  readonly uid: string;
  readonly name: string;
  readonly master: string;
  /** The slave whose pod it says it is. */
  readonly slave: string;
}

/** Something that was seen happening to what belongs to a slave. */
export interface Sighting {
  readonly at: number;
  readonly slave: string;
  readonly what: string;
}

/** A build that was cut off at its master. */
export interface Kill {
  readonly at: number;
  readonly master: string;
  readonly node: string | null;
  readonly build: string;
  readonly by: string;
}

/** A fault as it was carried out. */
export interface FaultDone {
  readonly kind: KindName;
  readonly target: string;
  readonly beganAt: number;
  readonly endedAt: number;
  /** Slaves that it took away by its nature. */
  readonly victims: readonly string[];
  /** The master that was given a build the moment it ended, to see how soon all is well again. */
  readonly probe: string;
  /** What was not in the schedule: which pod, or why nothing could be done. */
  readonly detail: string;
}

/** A process became the owner of a master. */
export interface Takeover {
  readonly at: number;
  readonly master: string;
  readonly process: string;
}

/** More pods of a master at one instant than its cap allows. */
export interface Crowd {
  readonly at: number;
  readonly master: string;
  readonly slaves: readonly string[];
  readonly cap: number;
}

/** Something that is still there when all is over. */
export interface Leftover {
  readonly what: "pod" | "Secret" | "node" | "ledger entry" | "record";
  readonly master: string;
  readonly slave: string;
}

/** All that was seen of a run; what is said about it is decided from this alone. */
export interface History {
  readonly beganAt: number;
  readonly endedAt: number;
  /** Why it was cut off; null: it came to its end. */
  readonly cutBecause: string | null;
  readonly builds: readonly BuildSeen[];
  readonly kills: readonly Kill[];
  readonly records: readonly SlaveRecord[];
  readonly ledgers: readonly Ledger[];
  readonly pods: readonly PodSeen[];
  readonly crowds: readonly Crowd[];
  readonly leftovers: readonly Leftover[];
  readonly faults: readonly FaultDone[];
  readonly takeovers: readonly Takeover[];
  /** Processes that ended by themselves and were started again, once for each time. */
  readonly startedAgain: readonly string[];
  readonly sightings: readonly Sighting[];
}

/** For people: `alpha python #3`. */
export function buildText({ master, job, number }: Pick<BuildSeen, "master" | "job" | "number">): string {
  return `${master} ${job} ${number === null ? "(not begun)" : `#${number}`}`;
}
