import type { Job } from "./job.ts";
import { areOffline } from "./label-index.ts";
import type { MasterState, QueueItem } from "./state.ts";
import { estimateOf, isStuckGiven, whyOf } from "./why.ts";

/** What the master says of an item now. */
export interface Saying {
  readonly why: string | null;
  readonly isStuck: boolean;
  /** The same for the same text, and never used for another one: thousands are compared by it. */
  readonly number: number;
}

/** Texts that are known by number before numbers are given anew. */
const mostNumbered = 10_000;

/** Finds it once for all items of one label while nothing changes: a queue of thousands has but a few labels. */
export function createWhyMemory(state: MasterState): (item: QueueItem) => Saying {
  let revision = -1;
  const whys = new Map<string, { why: string | null; number: number }>();
  const numbers = new Map<string | null, number>();
  let numbered = 0;
  const offline = new Map<string, boolean>();
  const estimates = new Map<Job, number>();

  function sentence(item: QueueItem): { why: string | null; number: number } {
    const isAlike = (item.stage === "buildable" || item.stage === "pending") && item.onlyNode === null;
    if (!isAlike || state.veto !== null) return withNumber(whyOf(state, item));
    return remembered(whys, item.label?.text ?? "", () => withNumber(whyOf(state, item)));
  }

  function withNumber(why: string | null): { why: string | null; number: number } {
    if (numbers.size >= mostNumbered) numbers.clear();
    return { why, number: remembered(numbers, why, () => ++numbered) };
  }

  function isLabelOffline({ label }: QueueItem): boolean {
    if (label === null) return false;
    return remembered(offline, label.text, () => areOffline(state.labels.nodesOf(label)));
  }

  return (item) => {
    if (revision !== state.revision) for (const memory of [whys, offline, estimates]) memory.clear();
    revision = state.revision;
    const isStuck = isStuckGiven(state, item, {
      isLabelOffline: () => isLabelOffline(item),
      estimateMs: () => remembered(estimates, item.task.job, () => estimateOf(item)),
    });
    return { ...sentence(item), isStuck };
  };
}

function remembered<K, V>(memory: Map<K, V>, key: K, find: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const found = find();
  memory.set(key, found);
  return found;
}
