import { readFile } from "node:fs/promises";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { tellConnection } from "./connection-news.ts";

/** The oldest nats-server that keeps what it is told: older ones ignore expiry without a word. */
export const oldestServer = "2.12.0";

export interface ConnectOptions {
  readonly servers: readonly string[];
  /** Service and process, as the server lists it. */
  readonly name: string;
  /** Path of a credentials file. */
  readonly credentialsFile?: string | undefined;
  readonly caFile?: string | undefined;
  /** How long the first connection may take, in milliseconds; default 10 s. */
  readonly connectMs?: number;
}

export interface Connection {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** How often it has broken so far. */
  readonly breaks: () => number;
}

/** A publish that is lost to a reconnect is sent again quickly instead of waiting out a long time limit. */
export const publishTimeoutMs = 800;
export const publishRetries = 10;

/** Connects for good: it reconnects for ever, and notices a dead peer within half a minute. */
export async function connectNats(options: ConnectOptions): Promise<Connection> {
  const nc = await open(options);
  try {
    refuseOldServer(nc, options);
    const js = jetstream(nc, { timeout: 1500 });
    const jsm = await jetstreamManager(nc, { timeout: 5000 });
    let breaks = 0;
    void tellConnection(nc, (isConnected) => {
      if (!isConnected) breaks += 1;
    });
    return { nc, js, jsm, breaks: () => breaks };
  } catch (error) {
    await nc.close();
    if (error instanceof KubestackError) throw error;
    throw new KubestackError(
      "bus-unavailable",
      `NATS at ${options.servers.join(", ")} has no JetStream for this user (${sentenceOf(error)}): start nats-server with jetstream { store_dir: … }.`,
      { cause: error },
    );
  }
}

async function open(options: ConnectOptions): Promise<NatsConnection> {
  const connectMs = options.connectMs ?? 10_000;
  try {
    const credentials = options.credentialsFile === undefined ? undefined : await readFile(options.credentialsFile);
    return await connect({
      servers: [...options.servers],
      name: options.name,
      timeout: connectMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      pingInterval: 10_000,
      maxPingOut: 2,
      ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(credentials) }),
      ...(options.caFile === undefined ? {} : { tls: { caFile: options.caFile } }),
    });
  } catch (error) {
    throw new KubestackError(
      "bus-unavailable",
      `NATS at ${options.servers.join(", ")} can't be reached: ${sentenceOf(error)}. Check nats.servers and that nats-server runs there.`,
      { cause: error },
    );
  }
}

function refuseOldServer(nc: NatsConnection, options: ConnectOptions): void {
  const version = nc.info?.version ?? "unknown";
  if (isAtLeast(version, oldestServer)) return;
  throw new KubestackError(
    "bus-unavailable",
    `nats-server at ${options.servers.join(", ")} is ${version}; KubeStack needs ${oldestServer} or newer, for older ones ignore expiry without a word.`,
    { retry: "never" },
  );
}

/** Whether a dotted version is not below another. */
export function isAtLeast(version: string, least: string): boolean {
  const parts = (text: string): number[] => (text.split("-")[0] ?? "").split(".").map(Number);
  const [have, need] = [parts(version), parts(least)];
  for (let at = 0; at < need.length; at += 1) {
    const difference = (have[at] ?? 0) - (need[at] ?? 0);
    if (Number.isNaN(difference)) return false;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
