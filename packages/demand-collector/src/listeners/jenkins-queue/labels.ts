import type { LabelOrigin, WantedLabel } from "@kubestack/contracts";
import { type QueueEntry, readWhy } from "@kubestack/jenkins";

/** Which label an item asks for, and where that was read. */
export interface LabelFinding {
  readonly wants: WantedLabel;
  readonly origin: LabelOrigin;
}

/** Pipeline blocks have no configuration of their own to read a label from. */
const pipelineBlock = /PlaceholderTask$/;

/**
 * What the item itself tells: `labelExpression`, then the master's words for why it waits. Undefined where another
 * source has to be asked. `isNode` knows the master's nodes: "on X" may name a node instead of a label.
 */
export function labelOfEntry(entry: QueueEntry, isNode: (name: string) => boolean): LabelFinding | undefined {
  if (typeof entry.labelExpression === "string" && entry.labelExpression.trim() !== "") {
    return { wants: { kind: "expression", expression: entry.labelExpression }, origin: "labelExpression" };
  }
  const { label } = readWhy(entry.why, isNode);
  if (label !== undefined && label !== "") return { wants: { kind: "expression", expression: label }, origin: "why" };
  if (entry.labelExpression === null) return { wants: { kind: "any" }, origin: "labelExpression" };
  return undefined;
}

/** Whether the job's configuration can tell the label. */
export function hasConfiguration(entry: QueueEntry): boolean {
  return entry.job.url !== "" && !pipelineBlock.test(entry.taskClass ?? "");
}

/** The one node that the master says the item waits for: a continued pipeline block, for example. */
export function nodeOfEntry(entry: QueueEntry, isNode: (name: string) => boolean): string | undefined {
  return readWhy(entry.why, isNode).node;
}
