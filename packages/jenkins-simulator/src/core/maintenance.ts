import { isOffline, type MasterNode } from "./node.ts";
import { moveTo, needsExecutor } from "./queue-entry.ts";
import { placeOf, shuffled } from "./random.ts";
import type { MasterState, QueueItem } from "./state.ts";
import { estimateOf, rejectionOf } from "./why.ts";
import { assign, startFlyweight } from "./work.ts";

/** One pass over the queue: what is due or free becomes buildable, what is buildable goes to idle agents. */
export function maintain(state: MasterState): void {
  for (const item of [...state.stages.blocked.values()]) release(state, item);
  const due = [...state.stages.waiting.values()].filter((item) => item.dueMs <= state.nowMs);
  for (const item of due.sort((a, b) => a.dueMs - b.dueMs || a.id - b.id)) release(state, item);
  allocate(state);
}

/** Waiting or blocked → buildable, or blocked with a reason. What needs no agent starts here. */
function release(state: MasterState, item: QueueItem): void {
  const because = blockageOf(state, item);
  if (because !== null) {
    if (item.stage === "blocked" && item.blockedBecause === because) return;
    item.blockedBecause = because;
    item.buildableSinceMs ??= state.nowMs;
    moveTo(state, item, "blocked");
    return;
  }
  item.blockedBecause = null;
  item.buildableSinceMs ??= state.nowMs;
  item.work.buildableAtMs ??= state.nowMs;
  if (needsExecutor(item.task)) moveTo(state, item, "buildable");
  else startFlyweight(state, item);
}

/** Why the item may not even wait for an agent; null: it may. */
function blockageOf(state: MasterState, item: QueueItem): string | null {
  const { task } = item;
  const { job } = task;
  if (job.blockedBecause !== null) return job.blockedBecause;
  if (state.quietingDown && !needsExecutor(task)) return state.words.shuttingDown;
  if (task.kind === "block" || task.kind === "combination" || job.spec.concurrent !== false) return null;
  const running = job.runs.findLast((run) => run.endedAtMs === null);
  if (running !== undefined) {
    const estimateMs = estimateOf(item);
    const leftMs = estimateMs < 0 ? -1 : Math.max(0, running.startedAtMs + estimateMs - state.nowMs);
    return state.words.inProgress(running.number, leftMs);
  }
  const isAnotherAhead = [...state.stages.buildable.values(), ...state.stages.pending.values()].some(
    (other) => other.task.job === job && other !== item,
  );
  return isAnotherAhead && item.stage !== "buildable" ? state.words.alreadyInProgress : null;
}

function allocate(state: MasterState): void {
  if (state.quietingDown || state.available.size === 0 || state.stages.buildable.size === 0) return;
  const items = state.stages.buildable.values();
  const order = state.settings.assignment === "shuffled" ? shuffled(items, state.random) : [...items];
  const rings = new Map<string, Ring>();
  for (const item of order) {
    if (state.available.size === 0) return;
    const because = item.task.job.spec.concurrent === false ? blockageOf(state, item) : null;
    if (because !== null) {
      item.blockedBecause = because;
      moveTo(state, item, "blocked");
      continue;
    }
    const node = choose(state, item, rings);
    if (node !== null) assign(state, item, node);
  }
}

/** The nodes that one kind of item may go to, in the order of their places on the ring. */
interface Ring {
  readonly nodes: MasterNode[];
}

function choose(state: MasterState, item: QueueItem, rings: Map<string, Ring>): MasterNode | null {
  const isPlain = state.veto === null && item.onlyNode === null;
  const kind = item.label === null ? "any" : `label ${item.label.text}`;
  let ring = isPlain ? rings.get(kind) : undefined;
  if (ring === undefined) {
    ring = { nodes: candidates(state, item) };
    if (isPlain) rings.set(kind, ring);
  }
  if (ring.nodes.length === 0) return null;
  const start =
    state.settings.assignment === "shuffled"
      ? state.random.below(ring.nodes.length)
      : firstAtOrAfter(ring.nodes, placeOf(affinityOf(item)));
  for (let step = 0; step < ring.nodes.length; step += 1) {
    const at = (start + step) % ring.nodes.length;
    const node = ring.nodes[at];
    if (node !== undefined && state.available.has(node)) return node;
  }
  ring.nodes.length = 0; // all of them are taken: the next item of this kind need not look
  return null;
}

function candidates(state: MasterState, item: QueueItem): MasterNode[] {
  const meant = item.label === null ? state.available : state.labels.nodesOf(item.label);
  const [fewer, more] = meant.size < state.available.size ? [meant, state.available] : [state.available, meant];
  const found: MasterNode[] = [];
  for (const node of fewer) {
    if (more.has(node) && !isOffline(node) && rejectionOf(state, node, item) === null) found.push(node);
  }
  return found.sort((a, b) => a.place - b.place);
}

/** A job prefers the same agents each time: it has a place on the ring, and so have they. */
function affinityOf(item: QueueItem): string {
  const { task } = item;
  return task.kind === "combination" ? `${task.job.spec.name} » ${task.combination}` : task.job.spec.name;
}

function firstAtOrAfter(nodes: readonly MasterNode[], place: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((nodes[middle]?.place ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low % nodes.length;
}
