import type { Bus } from "@kubestack/bus";
import type { WantedPods } from "@kubestack/capacity";
import type { Cluster } from "@kubestack/kubernetes";
import type { NodePoolConfig } from "../pools/entry.ts";
import type { TargetConfig } from "./config.ts";

/** How a group of nodes stands with whoever makes them. */
export interface TargetState {
  /** So many are to be there, whoever said so last. */
  readonly wanted: number;
  /** Those that are there, by the names by which the target knows them; null: it knows none by name. */
  readonly nodes: readonly string[] | null;
  /** The fewest and the most that the target lets it have; null: it sets no limit. */
  readonly least: number | null;
  readonly most: number | null;
  /** Who else decides how many there are, in words that go after "it is scaled by"; null: nobody. */
  readonly owner: string | null;
  /** What a write has to name so that it changes nothing that somebody wrote meanwhile; absent: the target has no such thing. */
  readonly revision?: string;
}

/** What a group is to be. */
export interface Wanted {
  /** So many nodes; of headroom: so many pods that hold a place. */
  readonly size: number;
  /** The pods that need it: of headroom the shapes of its pods. */
  readonly pods: readonly WantedPods[];
  /** Why, in one sentence. */
  readonly reason: string;
}

/** A node that is to go, by all the names that it has. */
export interface LeavingNode {
  readonly name: string;
  /** Its cloud's name for it, such as `aws:///eu-central-1a/i-0123`; null where it has none. */
  readonly providerId: string | null;
  /** Its annotations, as far as they are kept. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Who makes the nodes of a pool. Each act may be repeated: what is done already is done. Errors are KubestackErrors:
 * `target-refused` and `cluster-refused` where a person has to do something, others pass.
 */
export interface Target {
  /** Whether a node can be removed by its name; else only the size can be lowered, and the target chooses which one goes. */
  readonly canRemoveByName: boolean;
  status(): Promise<TargetState>;
  /** From now on it is to have so many, if that is still what it was when `state` was read. */
  scaleTo(wanted: Wanted, state: TargetState): Promise<void>;
  /**
   * These are to go, and it is to have `size` without them: never fewer than what it was to have less these, however often this is said.
   * Only where `canRemoveByName`.
   */
  remove(nodes: readonly LeavingNode[], wanted: Wanted): Promise<void>;
  /** Ends what it keeps open. */
  close(): Promise<void>;
}

/** With what a target is made. */
export interface TargetTools {
  readonly pool: Pick<NodePoolConfig, "name" | "nodeLabels" | "taints">;
  readonly install: string;
  /** Where slaves' pods run. */
  readonly namespace: string;
  readonly cluster: Cluster;
  readonly bus: Bus;
}

/** A sort of targets. */
export interface TargetKind<T extends TargetConfig["type"]> {
  readonly type: T;
  connect(config: Extract<TargetConfig, { type: T }>, tools: TargetTools): Target;
}
