import type { Duration, Job, Result, Run } from "./job.ts";
import type { Label } from "./label-expression.ts";
import type { LabelIndex } from "./label-index.ts";
import type { Executor, MasterNode } from "./node.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";
import type { MasterVersion } from "./versions.ts";
import type { Words } from "./words.ts";

/** Where an item of the queue is, as Jenkins names the stages. */
export type Stage = "waiting" | "blocked" | "buildable" | "pending";

/** What is to be built. A block of a pipeline hides its label from the API; the others export their job's. */
export type Task =
  | { readonly kind: "freestyle"; readonly job: Job }
  | { readonly kind: "pipeline"; readonly job: Job }
  | { readonly kind: "matrix"; readonly job: Job }
  | { readonly kind: "combination"; readonly job: Job; readonly run: Run; readonly combination: string }
  | { readonly kind: "block"; readonly job: Job; readonly run: Run; readonly index: number };

/** An item of the queue, or one that left it not long ago. */
export interface QueueItem {
  readonly id: number;
  readonly task: Task;
  readonly parameters: Readonly<Record<string, string>>;
  readonly inQueueSinceMs: number;
  /** Null: any agent that takes builds without a label. */
  readonly label: Label | null;
  /** The one node that a continued block wants, whatever else has that label. */
  readonly onlyNode: string | null;
  readonly work: Work;
  stage: Stage | "left";
  dueMs: number;
  buildableSinceMs: number | null;
  /** The blocked stage's sentence. */
  blockedBecause: string | null;
  wasCancelled: boolean;
  /** What came of it; null until it began, and for flyweight work until its run exists. */
  run: Run | null;
  revision: number;
}

/** What made work end: itself, or one of the things that KubeStack must never cause. */
export type EndedBy =
  | "itself"
  | "cancelled"
  | "stopped"
  | "node-deleted"
  | "configuration-reload"
  | "agent-lost"
  | "node-missing"
  | "restart";

/** One piece of work that needs an executor, from queue to end: a build, a matrix combination or a pipeline's block. Times are ms of the master's clock. */
export interface Work {
  readonly job: string;
  /** The combination, or `block N`; "" for a plain build. */
  readonly part: string;
  /** The label as the master prints it; null for none. */
  readonly label: string | null;
  readonly durationMs: Duration;
  readonly plannedResult: Result;
  /** One id for each time that it queued: a pipeline's block queues again after a restart. */
  readonly queueIds: number[];
  readonly queuedAtMs: number;
  buildableAtMs: number | null;
  startedAtMs: number | null;
  endedAtMs: number | null;
  /** The build's number, once it has one. */
  number: number | null;
  node: string | null;
  result: Result | null;
  endedBy: EndedBy | null;
  run: Run | null;
  /** The executor that it holds; null before, after, and while its agent is away for good or the master restarts. */
  place: { readonly node: MasterNode; readonly executor: Executor } | null;
  /** Its time is up while its agent is away: it ends when the agent is back. */
  isDone: boolean;
}

/** Something that happened, in order: for invariants, and for agents that print what they run. */
export interface CoreEvent {
  readonly atMs: number;
  readonly kind:
    | "queued"
    | "started"
    | "ended"
    | "killed"
    | "node-created"
    | "node-deleted"
    | "marked-offline"
    | "marked-online"
    | "agent-online"
    | "agent-offline"
    | "restarting"
    | "restarted"
    | "quieting-down"
    | "configuration-reloaded";
  readonly node?: string;
  readonly work?: Work;
  /** Who killed. */
  readonly by?: EndedBy;
}

/** What a master does by its own rules; times in ms. */
export interface CoreSettings {
  /** Time at which the clock begins. */
  readonly startMs: number;
  readonly seed: number;
  /** Which idle agent takes which item: as Jenkins chooses, or both shuffled. */
  readonly assignment: "jenkins" | "shuffled";
  /** What each creation or deletion of a node costs of the queue's lock; meanwhile nothing is assigned. */
  readonly nodeLockMs: number;
  /** From the choice of an executor until it shows what it runs (the pending stage). */
  readonly handOffMs: number;
  /** How long a pipeline's block waits for its node to come back. Jenkins: five minutes. */
  readonly nodeTimeoutMs: number;
  /** How long an item that left can still be asked for. Jenkins: five minutes. */
  readonly leftItemMs: number;
  /** Whether the configuration-as-code plugin knows the property that keeps a node. */
  readonly knowsKeepProperty: boolean;
}

/** A refusal of single nodes for single items, as plugins do it (throttling): the sentence, or null. */
export type Veto = (item: QueueItem, node: string) => string | null;

/** All that a master is, changed by the functions of this folder only. */
export interface MasterState {
  readonly settings: CoreSettings;
  readonly version: MasterVersion;
  readonly words: Words;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly labels: LabelIndex;
  readonly jobs: Map<string, Job>;
  readonly nodes: Map<string, MasterNode>;
  readonly builtIn: MasterNode;
  /** Nodes that could take something now: no mark, a channel, an idle executor. */
  readonly available: Set<MasterNode>;
  readonly stages: Readonly<Record<Stage, Map<number, QueueItem>>>;
  readonly left: Map<number, QueueItem>;
  /** Pipelines' and matrices' own runs, which need no agent. */
  readonly flyweight: Set<Run>;
  readonly works: Work[];
  /** Pipelines' blocks that a restart interrupted and that have not queued again yet. */
  readonly interrupted: Set<Work>;
  readonly events: CoreEvent[];
  readonly listeners: Set<(event: CoreEvent) => void>;
  veto: Veto | null;
  nowMs: number;
  session: string;
  phase: "running" | "starting";
  quietingDown: boolean;
  nextItemId: number;
  lockFreeAtMs: number;
  /** Counts every change that the API can show. */
  revision: number;
  needsMaintenance: boolean;
}

/** The API will answer otherwise from now on, and the queue is to be looked at. */
export function touch(state: MasterState): void {
  state.revision += 1;
  state.needsMaintenance = true;
}

/** Most events that are kept; the oldest go. */
const mostEvents = 200_000;

/** Writes down what happened and tells who listens. */
export function tell(state: MasterState, event: Omit<CoreEvent, "atMs">): void {
  const told = { atMs: state.nowMs, ...event };
  if (state.events.length >= mostEvents) state.events.splice(0, mostEvents / 10);
  state.events.push(told);
  for (const listener of state.listeners) listener(told);
}
