import type { PoolsReply } from "@kubestack/contracts";

/** Of several processes the word of the one that decides on node pools; where none does, what any says. */
export function decidedPools(replies: readonly PoolsReply[]): PoolsReply | undefined {
  return replies.find(({ isLeader }) => isLeader) ?? replies[0];
}
