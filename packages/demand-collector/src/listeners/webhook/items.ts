import type { HookedJob, QueueItem, WantedLabel } from "@kubestack/contracts";
import { type LabelExpression, printLabelExpression } from "@kubestack/demand";

/** Items of one reading at most: the oldest ones. */
export const mostItems = 20_000;

/**
 * The jobs that wait, as queue items, the oldest first. `labels` stand for those of jobs whose sender does not tell any;
 * undefined: then nobody knows what they want.
 */
export function itemsOf(jobs: readonly HookedJob[], labels: readonly string[] | undefined): QueueItem[] {
  return jobs
    .filter(({ state }) => state === "waiting")
    .toSorted((one, other) => one.since - other.since || (one.id < other.id ? -1 : 1))
    .slice(0, mostItems)
    .map((job) => ({
      id: job.id,
      job: job.name,
      url: job.url,
      wants: wantsOf(job.labels ?? labels),
      labelOrigin: "told",
      waitingSince: job.since,
      why: `${job.source === "own" ? "a webhook" : job.source} told that it waits`,
    }));
}

/** An agent must have all of the labels. */
function wantsOf(labels: readonly string[] | undefined): WantedLabel {
  if (labels === undefined) {
    return { kind: "unknown", because: "its sender does not tell what it wants: give labels to the master's webhook" };
  }
  const [first, ...rest] = labels.map((name): LabelExpression => ({ kind: "label", name }));
  if (first === undefined) return { kind: "any" };
  const all = rest.reduce((left, right): LabelExpression => ({ kind: "and", left, right }), first);
  return { kind: "expression", expression: printLabelExpression(all) };
}
