import type { Job, Result, Run } from "./job.ts";
import { type Executor, idleExecutors, isOffline, type MasterNode } from "./node.ts";
import { enqueue, leaveQueue, moveTo } from "./queue-entry.ts";
import { type EndedBy, type MasterState, type QueueItem, tell, touch, type Work } from "./state.ts";

/** Notes a change of the node: whether it could take something now, and that its entry in the API is another one. */
export function refreshNode(state: MasterState, node: MasterNode): void {
  node.revision += 1;
  const isKnown = node.isBuiltIn || state.nodes.get(node.name) === node;
  if (isKnown && !isOffline(node) && idleExecutors(node) > 0) state.available.add(node);
  else state.available.delete(node);
  touch(state);
}

/** Hands an item to an executor: pending, and started when the executor has picked it up. */
export function assign(state: MasterState, item: QueueItem, node: MasterNode): void {
  const executor = node.executors.find((one) => one.work === null);
  if (executor === undefined) return;
  executor.work = item.work;
  executor.hasPicked = false;
  item.work.place = { node, executor };
  moveTo(state, item, "pending");
  refreshNode(state, node);
  const { handOffMs } = state.settings;
  if (handOffMs === 0) pickUp(state, item);
  else state.timeline.at(state.nowMs + handOffMs, () => pickUp(state, item));
}

function pickUp(state: MasterState, item: QueueItem): void {
  const { work } = item;
  if (item.stage !== "pending" || work.place === null || state.phase !== "running") return;
  const { node, executor } = work.place;
  if (!node.isBuiltIn && state.nodes.get(node.name) !== node) {
    // The executor went with its node: the item waits again, and nothing was lost.
    work.place = null;
    moveTo(state, item, "buildable");
    return;
  }
  executor.hasPicked = true;
  const isContinued = work.startedAtMs !== null;
  work.startedAtMs ??= state.nowMs;
  work.node = node.name;
  work.run ??= newRun(state, item, node.name);
  work.number = work.run.number;
  item.run = work.run;
  leaveQueue(state, item);
  refreshNode(state, node);
  tell(state, { kind: "started", node: node.name, work });
  if (isContinued) resume(state, work);
  else planEnd(state, work);
}

/** A build of its own comes into being where the item had none: a freestyle build, or a combination under its matrix's number. */
export function newRun(state: MasterState, item: QueueItem, builtOn: string | null): Run {
  const { task } = item;
  const { job } = task;
  const run: Run = {
    job,
    number: task.kind === "combination" ? task.run.number : nextNumber(job),
    combination: task.kind === "combination" ? task.combination : "",
    queueId: item.id,
    parameters: item.parameters,
    startedAtMs: state.nowMs,
    builtOn,
    endedAtMs: null,
    result: null,
    unfinished: 0,
    nextBlock: 0,
  };
  job.runs.push(run);
  return run;
}

function nextNumber(job: Job): number {
  return (job.runs.findLast((run) => run.combination === "")?.number ?? 0) + 1;
}

function planEnd(state: MasterState, work: Work): void {
  const { durationMs } = work;
  if (durationMs === null) return;
  const ms =
    typeof durationMs === "number" ? durationMs : durationMs[0] + state.random.next() * (durationMs[1] - durationMs[0]);
  state.timeline.at(state.nowMs + ms, () => timeIsUp(state, work));
}

/** It has done what it had to: it ends, at once or when its agent is back. */
export function timeIsUp(state: MasterState, work: Work): void {
  if (work.endedAtMs !== null || work.isDone) return;
  work.isDone = true;
  resume(state, work);
}

/** What is done ends as soon as the master and its agent hear of each other, and an executor has it. */
export function resume(state: MasterState, work: Work): void {
  const { place } = work;
  const isThere = place?.executor.hasPicked === true && place.node.connectedAtMs !== null;
  const isHeard = state.phase === "running" && isThere;
  if (work.isDone && work.endedAtMs === null && isHeard) endWork(state, work, { by: "itself" });
}

/** Ends work for good and goes on with what waits for it. `killed` is told of what did not end by itself. */
export function endWork(state: MasterState, work: Work, end: { by: EndedBy; result?: Result }): void {
  if (work.endedAtMs !== null) return;
  work.endedAtMs = state.nowMs;
  work.endedBy = end.by;
  work.result = end.result ?? (end.by === "itself" ? work.plannedResult : "ABORTED");
  const place = work.place;
  work.place = null;
  if (place !== null) {
    place.executor.work = null;
    place.executor.hasPicked = false;
    refreshNode(state, place.node);
  }
  tell(state, { kind: "ended", work, by: end.by, ...(work.node === null ? {} : { node: work.node }) });
  touch(state);
  const { run } = work;
  if (run === null) return;
  if (work.part === "") endRun(state, run, work.result);
  else if (run.combination !== "") endCombination(state, run, work.result);
  else endBlock(state, run, work);
}

function endCombination(state: MasterState, run: Run, result: Result): void {
  endRun(state, run, result);
  const parent = run.job.runs.find((one) => one.number === run.number && one.combination === "");
  if (parent !== undefined) finishPart(state, parent, result);
}

/** How a block ends that lost its agent, as Jenkins' condition `agent()` knows it. */
const lossesOfAgent: ReadonlySet<EndedBy> = new Set([
  "node-deleted",
  "configuration-reload",
  "agent-lost",
  "node-missing",
]);

function endBlock(state: MasterState, run: Run, work: Work): void {
  const blocks = run.job.spec.blocks ?? [];
  const result = work.result ?? "ABORTED";
  if (isRetried(state, run, work)) {
    const task = { kind: "block", job: run.job, run, index: indexOf(work) } as const;
    enqueue(state, { task, parameters: {}, dueMs: state.nowMs, work: null });
    return;
  }
  if (result === "SUCCESS" && run.job.spec.parallel !== true && run.nextBlock < blocks.length) queueBlock(state, run);
  finishPart(state, run, result);
}

function isRetried(state: MasterState, run: Run, work: Work): boolean {
  if (work.endedBy === null || !lossesOfAgent.has(work.endedBy)) return false;
  const tries = state.works.filter((one) => one.run === run && one.part === work.part).length;
  return tries <= (run.job.spec.blocks?.[indexOf(work)]?.retries ?? 0);
}

/** The place of a block's work in its job. */
export function indexOf({ part }: Work): number {
  return Number(part.slice("block ".length)) - 1;
}

function finishPart(state: MasterState, run: Run, result: Result): void {
  run.unfinished -= 1;
  if (result !== "SUCCESS") run.result = result;
  if (run.unfinished === 0) endRun(state, run, run.result ?? "SUCCESS");
}

/** The run itself is over. */
export function endRun(state: MasterState, run: Run, result: Result): void {
  if (run.endedAtMs !== null) return;
  run.endedAtMs = state.nowMs;
  run.result = result;
  if (state.flyweight.delete(run)) state.builtIn.revision += 1;
  touch(state);
}

/** Starts a pipeline or a matrix: it needs no agent itself, and queues what does. */
export function startFlyweight(state: MasterState, item: QueueItem): void {
  const { task } = item;
  const run = newRun(state, item, task.kind === "matrix" ? "" : null);
  item.run = run;
  leaveQueue(state, item);
  state.flyweight.add(run);
  state.builtIn.revision += 1;
  if (task.kind === "matrix") {
    for (const combination of Object.keys(task.job.spec.combinations ?? {})) {
      run.unfinished += 1;
      const part = { kind: "combination", job: task.job, run, combination } as const;
      enqueue(state, { task: part, parameters: item.parameters, dueMs: state.nowMs, work: null });
    }
  } else {
    const count = task.job.spec.parallel === true ? (task.job.spec.blocks?.length ?? 0) : 1;
    for (let at = 0; at < count; at += 1) queueBlock(state, run);
  }
  if (run.unfinished === 0) endRun(state, run, "SUCCESS");
}

function queueBlock(state: MasterState, run: Run): void {
  if (run.nextBlock >= (run.job.spec.blocks?.length ?? 0)) return;
  run.unfinished += 1;
  const task = { kind: "block", job: run.job, run, index: run.nextBlock++ } as const;
  enqueue(state, { task, parameters: {}, dueMs: state.nowMs, work: null });
}

/** The executors of a node that work, with what they run. */
export function busyExecutors(node: MasterNode): { executor: Executor; work: Work }[] {
  return node.executors.flatMap((executor) => (executor.work === null ? [] : [{ executor, work: executor.work }]));
}
