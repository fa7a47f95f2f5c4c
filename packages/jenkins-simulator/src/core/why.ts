import { areOffline } from "./label-index.ts";
import { idleExecutors, isOffline, type MasterNode } from "./node.ts";
import type { MasterState, QueueItem } from "./state.ts";

/** What the master says of an item; null once it left. The rules are Queue.BuildableItem's, in its order. */
export function whyOf(state: MasterState, item: QueueItem): string | null {
  const { words } = state;
  if (item.stage === "left") return null;
  if (item.stage === "waiting") {
    const leftMs = item.dueMs - state.nowMs;
    return leftMs >= 0 ? words.inQuietPeriod(leftMs) : words.finishedWaiting;
  }
  if (item.stage === "blocked") return item.blockedBecause;
  if (state.quietingDown) return words.shuttingDown;
  return whyBuildable(state, item);
}

function whyBuildable(state: MasterState, item: QueueItem): string {
  const { words } = state;
  // Without any node but its own, the master does not speak of labels at all.
  const label = state.nodes.size === 0 ? null : item.label;
  if (label === null) {
    const isSomebodyIdle = state.available.size > 0;
    return (isSomebodyIdle ? rejections(state, item) : null) ?? words.waiting;
  }
  const nodes = state.labels.nodesOf(label);
  const only = nodes.size === 1 ? [...nodes][0] : undefined;
  if (areOffline(nodes)) {
    if (only !== undefined) return words.nodeOffline(only.displayName);
    return nodes.size === 0 ? words.labelUnknown(label.text) : words.labelOffline(label.text);
  }
  const isOneIdle = [...nodes].some((node) => state.available.has(node));
  const rejected = isOneIdle ? rejections(state, item) : null;
  return rejected ?? words.waitingOn(only?.displayName ?? label.text);
}

/** Sentences that are told at most. */
const mostSentences = 5;

/** Why each node with an idle executor, offline ones too, does not take the item; null where this is not told or none refuses. */
function rejections(state: MasterState, item: QueueItem): string | null {
  if (!state.version.tellsRejections) return null;
  const sentences = new Set<string>();
  for (const node of [state.builtIn, ...state.nodes.values()]) {
    const sentence = idleExecutors(node) > 0 ? rejectionOf(state, node, item) : null;
    if (sentence !== null) sentences.add(sentence);
  }
  if (sentences.size === 0) return null;
  const sorted = [...sentences].sort();
  if (sorted.length <= mostSentences) return sorted.join("; ");
  return `${sorted.slice(0, mostSentences).join("; ")}; ... and ${sorted.length - mostSentences} more`;
}

/** Why this node does not take the item; null: it would. */
export function rejectionOf(state: MasterState, node: MasterNode, item: QueueItem): string | null {
  const { words } = state;
  if (item.label !== null && !item.label.matches(node.atoms)) {
    return words.labelMissing(node.displayName, item.label.text);
  }
  if (item.label === null && node.mode === "EXCLUSIVE") return words.reserved(node.displayName);
  if (item.onlyNode !== null && item.onlyNode !== node.name) return words.mustRunOn(item.onlyNode, node.name);
  const veto = state.veto?.(item, node.displayName) ?? null;
  if (veto !== null) return veto;
  return isOffline(node) ? words.nodeOffline(node.displayName) : null;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Whether the master calls the item stuck: nobody could ever run it now, or it waits ten times as long as it would run. */
export function isStuck(state: MasterState, item: QueueItem): boolean {
  return isStuckGiven(state, item, {
    isLabelOffline: () => item.label !== null && areOffline(state.labels.nodesOf(item.label)),
    estimateMs: () => estimateOf(item),
  });
}

/** The same, from what may be known already. */
export function isStuckGiven(
  state: MasterState,
  item: QueueItem,
  given: { isLabelOffline: () => boolean; estimateMs: () => number },
): boolean {
  if (item.stage !== "buildable" && item.stage !== "pending") return false;
  if (given.isLabelOffline()) return true;
  const elapsedMs = state.nowMs - (item.buildableSinceMs ?? state.nowMs);
  if (elapsedMs < 10 * minuteMs) return false;
  const estimateMs = given.estimateMs();
  return estimateMs < 0 ? elapsedMs > dayMs : elapsedMs > 10 * Math.max(estimateMs, minuteMs);
}

/** How long the job's last finished build took; -1 where there is none. */
export function estimateOf(item: Pick<QueueItem, "task">): number {
  const last = item.task.job.runs.findLast((run) => run.endedAtMs !== null);
  return last?.endedAtMs == null ? -1 : last.endedAtMs - last.startedAtMs;
}
