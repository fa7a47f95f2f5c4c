import { disconnectAgent } from "./nodes.ts";

import { dropItem, enqueue, itemsOf, needsExecutor } from "./queue-entry.ts";
import { type MasterState, type QueueItem, tell, touch, type Work } from "./state.ts";
import { busyExecutors, endRun, endWork, indexOf, refreshNode } from "./work.ts";

/** How a master goes down and comes back. */
export interface RestartOptions {
  /** How long it is away and then getting ready, in ms of its clock: 503 meanwhile. Default 0. */
  readonly downMs?: number | undefined;
  /** A crash: the queue is lost, and its ids begin anew. Default false. */
  readonly losesQueue?: boolean | undefined;
  /** How long after it answers again its pipelines take to be loaded and to queue their blocks again, in ms. Default 0. */
  readonly pipelinesAfterMs?: number | undefined;
}

/**
 * All channels drop; builds of freestyle jobs die; pipelines go on: each block that ran queues again for its node, and is
 * given up where that does not come back in time. Marks stay, ephemeral nodes do not. There is a new session at the end.
 */
export function restart(state: MasterState, options: RestartOptions): void {
  tell(state, { kind: "restarting" });
  state.phase = "starting";
  for (const node of [state.builtIn, ...state.nodes.values()]) {
    for (const { executor, work } of busyExecutors(node)) {
      if (!executor.hasPicked) continue;
      if (work.part.startsWith("block")) state.interrupted.add(work);
      else if (node.isBuiltIn) endWork(state, work, { by: "restart" });
    }
  }
  for (const work of state.interrupted) leavePlace(state, work);
  for (const name of [...state.nodes.keys()]) loseAgent(state, name);
  if (options.losesQueue === true) loseQueue(state);
  // What became of items is remembered in memory only.
  state.left.clear();
  state.timeline.at(state.nowMs + (options.downMs ?? 0), () => comeUp(state, options));
  touch(state);
}

/** Builds on agents do not survive their master's end; they are no fault of whoever removes nodes. */
function loseAgent(state: MasterState, name: string): void {
  const node = state.nodes.get(name);
  if (node === undefined) return;
  for (const { executor, work } of busyExecutors(node)) if (executor.hasPicked) endWork(state, work, { by: "restart" });
  for (const executor of node.executors) executor.work = null;
  disconnectAgent(state, name);
  node.lostAtMs = null; // the new process has never seen it
  if (state.nodes.get(name) === node) refreshNode(state, node);
}

function leavePlace(state: MasterState, work: Work): void {
  if (work.place === null) return;
  const { node, executor } = work.place;
  executor.work = null;
  executor.hasPicked = false;
  work.place = null;
  refreshNode(state, node);
}

function loseQueue(state: MasterState): void {
  for (const item of itemsOf(state)) {
    dropItem(state, item);
    if (needsExecutor(item.task)) endWork(state, item.work, { by: "restart" });
  }
  for (const run of [...state.flyweight]) endRun(state, run, "ABORTED");
  state.nextItemId = 1;
}

function comeUp(state: MasterState, { pipelinesAfterMs = 0 }: RestartOptions): void {
  state.session = state.random.hex(8);
  state.phase = "running";
  state.quietingDown = false;
  // What was handed to an executor that never started goes back to the list.
  for (const item of [...state.stages.pending.values()]) backToBuildable(state, item);
  if (pipelinesAfterMs === 0) goOn(state);
  else {
    const { session } = state;
    state.timeline.at(state.nowMs + pipelinesAfterMs, () => {
      // Of a master that went down again meanwhile they go on with its next start.
      if (state.session === session && state.phase === "running") goOn(state);
    });
  }
  tell(state, { kind: "restarted" });
  touch(state);
}

function goOn(state: MasterState): void {
  const blocks = [...state.interrupted];
  state.interrupted.clear();
  for (const work of blocks) if (work.endedAtMs === null) queueAgain(state, work);
  touch(state);
}

function backToBuildable(state: MasterState, item: QueueItem): void {
  item.work.place = null;
  state.stages.pending.delete(item.id);
  item.stage = "buildable";
  item.revision += 1;
  state.stages.buildable.set(item.id, item);
}

function queueAgain(state: MasterState, work: Work): void {
  const { run } = work;
  if (run === null) return;
  const task = { kind: "block", job: run.job, run, index: indexOf(work) } as const;
  const item = enqueue(state, { task, parameters: {}, dueMs: state.nowMs, work });
  state.timeline.at(state.nowMs + state.settings.nodeTimeoutMs, () => {
    if (item.stage === "left" || work.place !== null) return;
    dropItem(state, item);
    tell(state, { kind: "killed", work, by: "node-missing", ...(work.node === null ? {} : { node: work.node }) });
    endWork(state, work, { by: "node-missing" });
  });
}
