import type { NodeState, PodState } from "../node.ts";
import type { Ground } from "../placing/fill.ts";
import { hostLabel } from "../placing/refusal.ts";
import { type Space, take } from "../placing/space.ts";
import type { Topology } from "../placing/topology.ts";
import type { FreshNode } from "../planning/fresh-node.ts";

/**
 * What is free on nodes, the fullest first: pods of ours go there first, so that others empty out. Placeholder pods leave for any other pod:
 * what they hold is free.
 */
export function groundsOf(
  nodes: readonly NodeState[],
  pods: readonly PodState[],
  { space, topology }: { readonly space: Space; readonly topology: Topology },
): Ground[] {
  const grounds = new Map(
    nodes.map(({ name, labels, taints, allocatable }) => {
      const ground: Ground = { name, labels, taints, room: space.room(allocatable), pods: [] };
      return [name, ground] as const;
    }),
  );
  for (const { node, kind, needs } of pods) {
    const ground = node === null || kind === "headroom" ? undefined : grounds.get(node);
    if (ground === undefined) continue;
    take(ground.room, space.ask(needs.requests), 1);
    topology.place(needs, ground.labels);
  }
  const cpu = space.resources.indexOf("cpu");
  return [...grounds.values()].sort((a, b) => (a.room[cpu] ?? 0) - (b.room[cpu] ?? 0));
}

/** Nodes of a pool that are not there yet, each with a name of its own. */
export function freshGrounds({ host, allocatable }: FreshNode, space: Space, names: readonly string[]): Ground[] {
  const room = space.room(allocatable);
  return names.map((name) => ({
    ...host,
    labels: { ...host.labels, [hostLabel]: name },
    room: Float64Array.from(room),
    pods: [],
  }));
}
