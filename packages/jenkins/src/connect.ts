import { setTimeout as sleep } from "node:timers/promises";
import type { Computer, WantedLabel } from "@kubestack/contracts";
import { readAgentPort } from "./agent-port.ts";
import { type AgentSecret, readAgentSecret } from "./agent-secret.ts";
import { type Build, type QueueItemFate, readBuild, readNewestBuild, readQueueItem } from "./builds.ts";
import { type Fleet, type NodeReading, readComputer, readComputers, readNode } from "./computers.ts";
import { createAgents } from "./http/agents.ts";
import type { Auth } from "./http/credential.ts";
import { parseBase } from "./http/master-url.ts";
import { createSend, type Send } from "./http/send.ts";
import { createSession } from "./http/session.ts";
import { defaultTimeouts, type Timeouts } from "./http/timeouts.ts";
import { readJobLabel } from "./job-label.ts";
import { createNode, deleteNode, type NodeSpec } from "./nodes.ts";
import { bringOnline, type MarkOptions, type MarkResult, markOffline } from "./offline-mark.ts";
import { createOwnPath } from "./own-address.ts";
import { createProbe, type Probe } from "./probe.ts";
import { type QueueReading, readQueue } from "./queue.ts";
import { createSwarmNode } from "./swarm.ts";

/** How to reach one master. */
export interface MasterOptions {
  /** The name it has in the configuration; every sentence names it. */
  readonly name: string;
  /** The address that we use, with its context path. */
  readonly url: string;
  /** The address in its links, where known. What the master itself says is its address is accepted as well. */
  readonly publicUrl?: string;
  readonly user: string;
  readonly auth: Auth;
  /** Certificates in PEM form that are trusted beside the well-known ones. */
  readonly caPem?: string;
  /** Default false. */
  readonly insecureSkipVerify?: boolean;
  /** Default 5 s to connect, 15 s to answer. */
  readonly timeouts?: Partial<Timeouts>;
  /** Largest answer that is read. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** What carries a request there and its answer back. Default: HTTP. */
  readonly send?: Send;
  /** Waits between the tries of `agentSecret`. Default: a timer. */
  readonly pause?: (ms: number) => Promise<void>;
}

/**
 * One master's HTTP protocol. Every function raises KubestackError:
 * master-unavailable (no answer, 5xx, starting), throttled (429), credential-refused (401, 403), not-a-master (a login
 * or proxy page), not-found, already-exists, and master-refused (any other refusal, with the master's words).
 */
export interface Master {
  readonly name: string;
  /** Who it is and whether it is quieting down. */
  probe(): Promise<Probe>;
  readComputers(): Promise<Fleet>;
  /** Null: no node of this name. */
  readComputer(name: string): Promise<Computer | null>;
  /** The same, with the start of the master that answered. */
  readNode(name: string): Promise<NodeReading>;
  readQueue(): Promise<QueueReading>;
  /** What the configuration of the job at this address asks for. */
  readJobLabel(jobUrl: string): Promise<WantedLabel>;
  createNode(node: NodeSpec): Promise<void>;
  /** Answers the secret of its agent, null where the master does not tell it then. */
  createSwarmNode(node: NodeSpec): Promise<{ readonly secret: string | null }>;
  deleteNode(name: string): Promise<"deleted" | "gone">;
  markOffline(name: string, message: string, options?: MarkOptions): Promise<MarkResult>;
  bringOnline(name: string): Promise<MarkResult>;
  agentSecret(name: string): Promise<AgentSecret>;
  /** The port of agents by TCP, as the master tells it to them. Null: it takes none. */
  agentPort(): Promise<number | null>;
  readBuild(url: string): Promise<Build>;
  /** Null: the job has none. */
  readNewestBuild(jobUrl: string): Promise<{ readonly number: number; readonly url: string } | null>;
  /** Null: the master does not tell. */
  readQueueItem(id: string): Promise<QueueItemFate | null>;
  /** Closes the kept connections. */
  close(): void;
}

/** Opens no connection yet: the first request does. */
export function connectMaster(options: MasterOptions): Master {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const agents = createAgents({ ...options, connectMs: timeouts.connectMs });
  const session = createSession({
    master: options.name,
    user: options.user,
    base: parseBase(options.url),
    auth: options.auth,
    send: options.send ?? createSend({ ...options, agents, timeouts }),
  });
  const probe = createProbe(session);
  const ownPath = createOwnPath(session, probe, options.publicUrl);
  const pause = options.pause ?? ((ms: number) => sleep(ms));
  return {
    name: options.name,
    probe,
    readComputers: () => readComputers(session),
    readComputer: (name) => readComputer(session, name),
    readNode: (name) => readNode(session, name),
    readQueue: () => readQueue(session),
    readJobLabel: (jobUrl) => readJobLabel(session, ownPath, jobUrl),
    createNode: (node) => createNode(session, node),
    createSwarmNode: (node) => createSwarmNode(session, node),
    deleteNode: (name) => deleteNode(session, name),
    markOffline: (name, message, options) => markOffline(session, { name, message, ...options }),
    bringOnline: (name) => bringOnline(session, name),
    agentSecret: (name) => readAgentSecret(session, name, { probe, pause }),
    agentPort: () => readAgentPort(session),
    readBuild: (url) => readBuild(session, ownPath, url),
    readNewestBuild: (jobUrl) => readNewestBuild(session, ownPath, jobUrl),
    readQueueItem: (id) => readQueueItem(session, id),
    close: () => agents.close(),
  };
}
