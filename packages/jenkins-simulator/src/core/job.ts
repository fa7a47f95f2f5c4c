import type { QueueItem } from "./state.ts";

/** How long something runs, in ms of the master's clock: fixed, between two bounds, or (null) until it is told to end. */
export type Duration = number | readonly [least: number, most: number] | null;

/** How a build ends. */
export type Result = "SUCCESS" | "UNSTABLE" | "FAILURE" | "ABORTED" | "NOT_BUILT";

/** One `node(label) { … }` of a pipeline. */
export interface BlockSpec {
  /** Label expression; absent: any agent. */
  readonly label?: string | undefined;
  /** The block ran on this node before and goes on there: it wants that one and no other. */
  readonly continuedOn?: string | undefined;
  /** Default 1000. */
  readonly durationMs?: Duration;
  /** Default SUCCESS; what comes after a failed block does not run. */
  readonly result?: Result | undefined;
  /** How often it begins anew, anywhere, after its agent was lost: `retry` with the condition `agent()`. Default 0. */
  readonly retries?: number | undefined;
}

/** A job as a test describes it. */
export interface JobSpec {
  /** The full name; folders come into being with it (`team/api`). */
  readonly name: string;
  /** Default freestyle. A pipeline's run needs no agent, its blocks do; a matrix has one build for each combination. */
  readonly kind?: "freestyle" | "pipeline" | "matrix" | undefined;
  /** Label expression of a freestyle job; absent: unlabelled. */
  readonly label?: string | undefined;
  /** What a freestyle job keeps that its label can't be read from (per-build labels): the value of this parameter is the build's label. */
  readonly labelParameter?: string | undefined;
  /** A pipeline's blocks: one after the other, or all at once where `parallel` is set. */
  readonly blocks?: readonly BlockSpec[] | undefined;
  readonly parallel?: boolean | undefined;
  /** A matrix's combinations, by name (`os=linux`), each with its label. */
  readonly combinations?: Readonly<Record<string, string | null>> | undefined;
  /** Parameters by name, with their defaults. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Whether two of its builds may run at once. Default true. */
  readonly concurrent?: boolean | undefined;
  /** Default 1000. */
  readonly durationMs?: Duration;
  /** Default SUCCESS. */
  readonly result?: Result | undefined;
  /** A shell script that an agent's process runs for a build, and whose end it tells; with `durationMs: null` that is the build's end. */
  readonly script?: string | undefined;
  /** How long an item waits before it is looked at. Default 0 (Jenkins' own default is 5000). */
  readonly quietPeriodMs?: number | undefined;
}

/** A job and what became of it. */
export interface Job {
  readonly spec: JobSpec;
  readonly runs: Run[];
  /** Its own items in the queue (not those of blocks or combinations). */
  readonly items: Set<QueueItem>;
  /** Sentence that blocks all its items, while it is set: another job's build, a lock. */
  blockedBecause: string | null;
}

/** One build: of a freestyle job, a pipeline, a matrix or one of its combinations. */
export interface Run {
  readonly job: Job;
  readonly number: number;
  /** A matrix's combination; "" else. */
  readonly combination: string;
  readonly queueId: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  /** The node of a build that has one; null for pipelines, "" for the master itself. */
  readonly builtOn: string | null;
  endedAtMs: number | null;
  result: Result | null;
  /** What a pipeline or matrix still waits for. */
  unfinished: number;
  /** The next block of a pipeline whose blocks run one after the other. */
  nextBlock: number;
}
