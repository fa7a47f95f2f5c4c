import type { QueueItem } from "@kubestack/contracts";

/** The one word that an item asks for, which may be a node's name: a build that goes on asks for its own node. */
export function nodeWantedBy({ wants }: Pick<QueueItem, "wants">): string | undefined {
  if (wants.kind !== "expression") return undefined;
  return /^"?([^"\s&|!<>()]+)"?$/.exec(wants.expression.trim())?.[1];
}
