import { type NodeState, type PodState, slaveOf } from "../node.ts";
import { refusalOf } from "../placing/refusal.ts";
import { fitting, Space, take } from "../placing/space.ts";
import type { ScaleDownSituation, SlaveUse } from "./situation.ts";

/** Pods by their nodes. */
export function podsByNode(pods: readonly PodState[]): ReadonlyMap<string | null, readonly PodState[]> {
  return Map.groupBy(pods, ({ node }) => node);
}

/** What the slave of a pod does. */
export function useOf(slaves: ReadonlyMap<string, SlaveUse>, pod: Pick<PodState, "name" | "slave">): SlaveUse {
  return slaves.get(slaveOf(pod)) ?? "busy";
}

/** Why a node must stay, whatever it is worth; undefined where it need not. */
export function whyStays(
  node: NodeState,
  own: readonly PodState[],
  { slaves, expecting }: Pick<ScaleDownSituation, "slaves" | "expecting">,
): string | undefined {
  const foreign = own.find(({ kind }) => kind === "other");
  if (foreign !== undefined) return `pod ${foreign.namespace}/${foreign.name} on it is not ours`;
  const used = own.find((pod) => pod.kind === "slave" && ["busy", "starting"].includes(useOf(slaves, pod)));
  if (used !== undefined) return `${slaveOf(used)} on it is ${useOf(slaves, used)}`;
  return expecting.has(node.name) ? "waiting pods have room on it" : undefined;
}

/**
 * Which of these nodes could leave, the emptiest first: idle slaves that leave with one must find room on nodes that stay, since somebody
 * keeps them idle. So slaves come together on few nodes, and the others empty out.
 */
export function dispensable(
  candidates: readonly NodeState[],
  { nodes, pods }: Pick<ScaleDownSituation, "nodes" | "pods">,
): NodeState[] {
  const byNode = podsByNode(pods);
  const slavesOf = ({ name }: NodeState) => (byNode.get(name) ?? []).filter(({ kind }) => kind === "slave");
  const space = new Space(pods.map(({ needs }) => needs.requests));
  const rooms = new Map(
    nodes
      .filter(({ isReady, isCordoned }) => isReady && !isCordoned)
      .map((node) => {
        const room = space.room(node.allocatable);
        for (const { kind, needs } of byNode.get(node.name) ?? [])
          if (kind !== "headroom") take(room, space.ask(needs.requests), 1);
        return [node, room] as const;
      }),
  );
  const leaving: NodeState[] = [];
  for (const node of candidates.toSorted((a, b) => slavesOf(a).length - slavesOf(b).length)) {
    const own = rooms.get(node);
    rooms.delete(node);
    const placed: (() => void)[] = [];
    const isMovable = slavesOf(node).every(({ needs }) => {
      const ask = space.ask(needs.requests);
      const [, room] =
        [...rooms].find(([host, one]) => fitting(ask, one, 1) === 1 && refusalOf(needs, host) === undefined) ?? [];
      if (room === undefined) return false;
      take(room, ask, 1);
      placed.push(() => take(room, ask, -1));
      return true;
    });
    if (isMovable) {
      leaving.push(node);
      continue;
    }
    for (const undo of placed) undo();
    if (own !== undefined) rooms.set(node, own);
  }
  return leaving;
}
