import { KubestackError } from "@kubestack/contracts";
import type { BlockSpec, Duration, Job, Result, Run } from "./job.ts";
import { type Label, parseLabel, selfLabel } from "./label-expression.ts";
import { type MasterState, type QueueItem, type Stage, type Task, tell, touch, type Work } from "./state.ts";

/** What a trigger may add. */
export interface BuildOptions {
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Instead of the job's quiet period. */
  readonly delayMs?: number | undefined;
}

/** Puts a build into the queue; an equal item that waits already takes it in (`isNew` false). Raises not-found. */
export function triggerBuild(
  state: MasterState,
  name: string,
  options: BuildOptions,
): { item: QueueItem; isNew: boolean } {
  const job = jobNamed(state, name);
  const parameters = { ...job.spec.parameters, ...options.parameters };
  const dueMs = state.nowMs + (options.delayMs ?? job.spec.quietPeriodMs ?? 0);
  const equal = [...job.items].find((item) => isSame(item.parameters, parameters));
  if (equal !== undefined) {
    equal.dueMs = Math.min(equal.dueMs, dueMs);
    wakeAt(state, equal.dueMs);
    touch(state);
    return { item: equal, isNew: false };
  }
  const kind = job.spec.kind ?? "freestyle";
  return { item: enqueue(state, { task: { kind, job }, parameters, dueMs, work: null }), isNew: true };
}

/** Puts a task into the queue as it is; `work` is given where it goes on. */
export function enqueue(
  state: MasterState,
  from: { task: Task; parameters: Readonly<Record<string, string>>; dueMs: number; work: Work | null },
): QueueItem {
  const { task, parameters, dueMs } = from;
  const id = state.nextItemId++;
  const wanted = wantedBy(task, parameters, from.work);
  const work = from.work ?? newWork(state, task, wanted.label);
  const item: QueueItem = {
    id,
    task,
    parameters,
    inQueueSinceMs: state.nowMs,
    ...wanted,
    work,
    stage: "waiting",
    dueMs,
    buildableSinceMs: null,
    blockedBecause: null,
    wasCancelled: false,
    run: null,
    revision: 0,
  };
  work.queueIds.push(id);
  if (from.work === null && needsExecutor(task)) {
    state.works.push(work);
    tell(state, { kind: "queued", work });
  }
  state.stages.waiting.set(id, item);
  if (isOwn(task)) task.job.items.add(item);
  wakeAt(state, dueMs);
  touch(state);
  return item;
}

/** Takes an item out as a person would. `started`: it is too late. */
export function cancelItem(state: MasterState, id: number): "cancelled" | "started" | "gone" {
  const item = itemsOf(state).find((one) => one.id === id);
  if (item === undefined) return "gone";
  if (item.stage === "pending") return "started";
  item.wasCancelled = true;
  leaveQueue(state, item);
  if (needsExecutor(item.task)) {
    Object.assign(item.work, {
      endedAtMs: state.nowMs,
      endedBy: "cancelled",
      result: "ABORTED",
    } satisfies Partial<Work>);
    tell(state, { kind: "ended", work: item.work, by: "cancelled" });
  }
  return "cancelled";
}

/** Moves an item between stages. */
export function moveTo(state: MasterState, item: QueueItem, stage: Stage): void {
  if (item.stage !== "left") state.stages[item.stage].delete(item.id);
  item.stage = stage;
  item.revision += 1;
  state.stages[stage].set(item.id, item);
  touch(state);
}

/** It is no longer in the queue; it can be asked for a while yet. */
export function leaveQueue(state: MasterState, item: QueueItem): void {
  if (item.stage !== "left") state.stages[item.stage].delete(item.id);
  item.stage = "left";
  item.task.job.items.delete(item);
  item.revision += 1;
  state.left.set(item.id, item);
  state.timeline.at(state.nowMs + state.settings.leftItemMs, () => state.left.delete(item.id));
  touch(state);
}

/** All items, in the order of the API: what starts soonest comes last. */
export function itemsOf(state: MasterState): QueueItem[] {
  const { waiting, blocked, buildable, pending } = state.stages;
  return [
    ...[...waiting.values()].sort((a, b) => a.dueMs - b.dueMs || a.id - b.id),
    ...blocked.values(),
    ...[...buildable.values()].reverse(),
    ...[...pending.values()].reverse(),
  ];
}

/** Raises not-found. */
export function jobNamed(state: MasterState, name: string): Job {
  const job = state.jobs.get(name);
  if (job !== undefined) return job;
  throw new KubestackError("not-found", `No such job: ${name}`, { retry: "never" });
}

/** A pipeline's or matrix's own run takes no executor of an agent. */
export function needsExecutor(task: Task): boolean {
  return task.kind !== "pipeline" && task.kind !== "matrix";
}

function wakeAt(state: MasterState, atMs: number): void {
  if (atMs > state.nowMs) state.timeline.at(atMs, () => touch(state));
}

function isOwn(task: Task): boolean {
  return task.kind !== "block" && task.kind !== "combination";
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function wantedBy(
  task: Task,
  parameters: Readonly<Record<string, string>>,
  goesOn: Work | null,
): Pick<QueueItem, "label" | "onlyNode"> {
  const node = task.kind === "block" ? (goesOn?.node ?? blockOf(task.run, task.index).continuedOn) : undefined;
  if (node !== undefined) return { label: selfLabel(node), onlyNode: node };
  return { label: labelOf(task, parameters), onlyNode: null };
}

function labelOf(task: Task, parameters: Readonly<Record<string, string>>): Label | null {
  const { spec } = task.job;
  if (task.kind === "block") return parseLabel(blockOf(task.run, task.index).label ?? "");
  if (task.kind === "combination") return parseLabel(spec.combinations?.[task.combination] ?? "");
  if (task.kind !== "freestyle") return null;
  const assigned = spec.labelParameter === undefined ? undefined : parameters[spec.labelParameter];
  return parseLabel(assigned ?? spec.label ?? "");
}

/** The block of a run by its place in the job. */
export function blockOf(run: Run, index: number): BlockSpec {
  return run.job.spec.blocks?.[index] ?? {};
}

function newWork(state: MasterState, task: Task, label: Label | null): Work {
  const plan = planOf(task);
  return {
    job: task.job.spec.name,
    part: task.kind === "combination" ? task.combination : task.kind === "block" ? `block ${task.index + 1}` : "",
    label: label?.text ?? null,
    durationMs: plan.durationMs,
    plannedResult: plan.result,
    queueIds: [],
    queuedAtMs: state.nowMs,
    buildableAtMs: null,
    startedAtMs: null,
    endedAtMs: null,
    number: task.kind === "block" || task.kind === "combination" ? task.run.number : null,
    node: null,
    result: null,
    endedBy: null,
    run: task.kind === "block" ? task.run : null,
    place: null,
    isDone: false,
  };
}

function planOf(task: Task): { durationMs: Duration; result: Result } {
  const { durationMs, result } = task.kind === "block" ? blockOf(task.run, task.index) : task.job.spec;
  return { durationMs: durationMs === undefined ? 1000 : durationMs, result: result ?? "SUCCESS" };
}

/** Takes an item out because what it belongs to is over. */
export function dropItem(state: MasterState, item: QueueItem): void {
  item.wasCancelled = true;
  leaveQueue(state, item);
}
