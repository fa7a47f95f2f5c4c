import type { SlaveRecord } from "@kubestack/contracts";
import {
  type AgentTls,
  type Master,
  type NodeProperties,
  type NodeReading,
  presentMaster,
  type WantedTransport,
} from "@kubestack/jenkins";
import type { PodObservation } from "@kubestack/kubernetes";
import type { SlaveEvent } from "@kubestack/slave";
import type { AgentPart } from "@kubestack/templates";

/** What an attach mode knows of the slave's master. */
export interface AttachTarget {
  /** The master's name. */
  readonly name: string;
  /** Undefined for a master that is no Jenkins. */
  readonly master: Master | undefined;
  /** By which pods reach the master; empty where they know by themselves. */
  readonly agentUrl: string;
  /** HOST:PORT for the agents' TCP connection, where it is another one. */
  readonly agentTunnel?: string | undefined;
  /** By which way agents come. Default auto. */
  readonly transport?: WantedTransport | undefined;
  /** Whom agents trust to be the master. Default: whom everybody trusts. */
  readonly tls?: AgentTls | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** What the slave's template says about the node. */
export interface NodeShape {
  readonly workDir: string;
  readonly unlabelled: boolean;
  readonly description: string;
  readonly properties?: NodeProperties | undefined;
}

/** What was found at the master when a node was to be marked, or its mark to be taken away. */
export interface Found {
  /** Whether the master has the node: then it is as was asked for. */
  readonly isThere: boolean;
  /** In which start the master answered; null where it does not tell. */
  readonly session: string | null;
}

/**
 * How a slave's pod becomes an agent of its master. Each function may be repeated: what is done already is done.
 * What they throw is tried again later, except `master-refused` that is not to be tried again, which ends the launch.
 */
export interface AttachMode {
  /** Whether the master keeps a slave's node without its agent: only then another pod may follow a lost one. Default: it does not. */
  readonly keepsNodes?: boolean;
  /** Whether it is known of an online slave that it has no build: the master shows it. Only then one may be withdrawn. */
  readonly showsIdle: boolean;
  /** Reads anew what every launch needs of the master, so that no waiting build pays for it: at the beginning, and when it was started anew. */
  prepare(target: AttachTarget): Promise<void>;
  /** What the agent's container is given. Asked before the pod is created. */
  agentPart(slave: SlaveRecord, target: AttachTarget): Promise<AgentPart>;
  /** The same with stand-ins for what only a launch knows; asks nobody. */
  agentSpecimen(of: Pick<SlaveRecord, "name" | "master">, target: AttachTarget): AgentPart;
  /** Makes the master's node. */
  register(slave: SlaveRecord, target: AttachTarget, node: NodeShape): Promise<void>;
  /** The files of the agent's Secret, read from the master once the node is there. */
  secretFiles(slave: SlaveRecord, target: AttachTarget): Promise<Readonly<Record<string, string>>>;
  /**
   * Keeps further builds away. The message of a mark that is there already is told anew where the slave is held, or was lost. Where
   * its pod was lost and another one follows, what is left of its agent's connection is closed.
   */
  markOffline(slave: SlaveRecord, target: AttachTarget, message: string): Promise<Found>;
  /** Takes the mark away, for a build that goes on there. */
  bringOnline(slave: SlaveRecord, target: AttachTarget): Promise<Found>;
  /** A look of the supervisor's own, which decides a removal. `life` is absent where no record knows the slave. */
  look(
    slave: Pick<SlaveRecord, "name"> & Partial<Pick<SlaveRecord, "life">>,
    target: AttachTarget,
  ): Promise<NodeReading>;
  removeNode(slave: Pick<SlaveRecord, "name">, target: AttachTarget): Promise<void>;
  /** What the pod itself tells of its work, where no master does. Default: nothing. */
  podEvents?(pod: PodObservation, slave: SlaveRecord, at: number): SlaveEvent[];
}

/** The Jenkins that a slave's node is made at. A configuration that names such a mode for another type of master is wrong. */
export function jenkinsOf(target: AttachTarget): Master {
  return presentMaster(target, "its slaves can attach by themselves only");
}
