import { isDeepStrictEqual } from "node:util";
import { type NodeState, type PodState, poolOf } from "@kubestack/capacity";
import {
  type Cluster,
  type NodeObservation,
  type ObjectChange,
  type ObjectSource,
  type PlacedPod,
  watchNodes,
  watchPlacedPods,
} from "@kubestack/kubernetes";
import { isToReopen, type KnownPool, nodeStateOf, podStateOf } from "./states.ts";

export interface ClusterViewOptions {
  readonly cluster: Cluster;
  readonly install: string;
  /** Told that something has changed that a decision may depend on. */
  readonly onNews: () => void;
  readonly onError: (error: unknown) => void;
}

/** The nodes of the cluster and what is on them, followed until stopped. */
export class ClusterView {
  readonly #install: string;
  readonly #nodes: ObjectSource<NodeObservation>;
  readonly #pods: ObjectSource<PlacedPod>;

  constructor({ cluster, install, onNews, onError }: ClusterViewOptions) {
    this.#install = install;
    this.#nodes = watchNodes({ cluster, onError, onEvent: (change) => void (isNewsOfNode(change) && onNews()) });
    this.#pods = watchPlacedPods({ cluster, onError, onEvent: (change) => void (isNewsOfPod(change) && onNews()) });
    for (const { synced } of [this.#nodes, this.#pods]) synced.then(onNews, () => undefined);
  }

  /** Why nothing may be decided from it now, in one sentence; empty: it shows what the cluster has. */
  get trouble(): string {
    const off = [this.#nodes, this.#pods].map((source) => source.status()).find(({ state }) => state !== "synced");
    return off === undefined
      ? ""
      : `the cluster's nodes and pods are not known now: ${off.lastError ?? "they are not listed yet"}`;
  }

  /** `leaving`: the names of those that are on their way out. */
  nodes(pools: readonly KnownPool[], leaving: ReadonlySet<string>): NodeState[] {
    return this.#nodes.all().map((node) => nodeStateOf(node, pools, leaving.has(node.name)));
  }

  /** Nodes of the pools that we closed and that stay after all. */
  toReopen(
    pools: readonly KnownPool[],
    leaving: ReadonlySet<string>,
  ): { readonly node: string; readonly pool: string }[] {
    return this.#nodes.all().flatMap((node) => {
      const pool = isToReopen(node, leaving.has(node.name)) ? poolOf(node.labels, pools) : null;
      return pool === null ? [] : [{ node: node.name, pool }];
    });
  }

  pods(): PodState[] {
    return this.#pods.all().map((pod) => podStateOf(pod, this.#install));
  }

  /** A node as it was seen last. */
  node(name: string): NodeObservation | undefined {
    return this.#nodes.get(name);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#nodes.stop(), this.#pods.stop()]);
  }
}

/** A kubelet writes its node every few minutes, whether or not anything is different. */
function isNewsOfNode({ kind, value, previous }: ObjectChange<NodeObservation>): boolean {
  return kind !== "changed" || !isDeepStrictEqual(value, previous);
}

function isNewsOfPod({ kind, value, previous }: ObjectChange<PlacedPod>): boolean {
  if (kind !== "changed" || previous === undefined) return true;
  return (
    value.node !== previous.node || value.isEnding !== previous.isEnding || value.disruption !== previous.disruption
  );
}
