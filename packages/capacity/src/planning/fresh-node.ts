import type { PodNeeds, PoolMemory, Resources } from "@kubestack/contracts";
import type { NodeState, PodState } from "../node.ts";
import { type Host, refusalOf, zoneLabel } from "../placing/refusal.ts";
import type { Pool } from "../pool.ts";

/** A node that a pool would make. */
export interface FreshNode {
  readonly host: Host;
  /** What is left of it for pods, once its system and what the cluster puts on every node have theirs. */
  readonly allocatable: Resources;
}

/** What is not declared of a disk is taken to be enough. */
const undeclared: Resources = { "ephemeral-storage": Number.POSITIVE_INFINITY };

/** A pool's next node: as its last one was, or as it is declared where none was seen. */
export function freshNodeOf(pool: Pool, memory: PoolMemory | undefined, daemons: readonly PodNeeds[]): FreshNode {
  const { nodeLabels, taints, zones } = pool;
  const labels = { ...memory?.node?.labels, ...nodeLabels };
  const host: Host = { labels, taints, ...(labels[zoneLabel] === undefined ? { zones } : {}) };
  const left: Record<string, number> = {
    ...undeclared,
    ...(memory?.node?.allocatable ?? lessOf(pool.shape, pool.overhead ?? {})),
  };
  for (const { requests } of daemons.filter((needs) => refusalOf(needs, host) === undefined))
    for (const [resource, amount] of Object.entries({ ...requests, pods: 1 }))
      if (left[resource] !== undefined) left[resource] -= amount;
  return { host, allocatable: left };
}

/**
 * What the cluster puts on every node, as the present nodes show it: pods of daemons, without what ties each to its own node; of equal ones
 * as many as the node has that has most.
 */
export function daemonsOn(nodes: readonly NodeState[], pods: readonly PodState[]): PodNeeds[] {
  const known = new Set(nodes.map(({ name }) => name));
  const most = new Map<string, PodNeeds[]>();
  for (const ofNode of Map.groupBy(
    pods.filter(({ kind }) => kind === "daemon"),
    ({ node }) => node,
  ).entries()) {
    const [node, own] = ofNode;
    if (node === null || !known.has(node)) continue;
    const equal = Map.groupBy(
      own.map(({ needs }) => untied(needs)),
      (needs) => JSON.stringify(needs),
    );
    for (const [key, some] of equal) if (some.length > (most.get(key)?.length ?? 0)) most.set(key, some);
  }
  return [...most.values()].flat();
}

/** Labels say nothing of what it takes, and are told apart by their revision. */
function untied({ labels: _labels, namespace: _namespace, ...needs }: PodNeeds): PodNeeds {
  const { affinity, ...rest } = needs;
  const terms = affinity
    ?.map((term) => term.filter(({ key }) => key !== "metadata.name"))
    .filter((term) => term.length > 0);
  return terms === undefined || terms.length === 0 ? rest : { ...rest, affinity: terms };
}

function lessOf(shape: Resources, less: Resources): Resources {
  return Object.fromEntries(
    Object.entries(shape).map(([resource, amount]) => [resource, amount - (less[resource] ?? 0)]),
  );
}
