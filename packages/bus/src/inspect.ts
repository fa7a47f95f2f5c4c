import { sentenceOf } from "@kubestack/contracts";
import { Svcm } from "@nats-io/services";
import { type Connection, type ConnectOptions, connectNats } from "./connection.ts";
import { storeNames } from "./stores.ts";

/** A service that answers: one entry for each process that runs it. */
export interface RunningService {
  readonly name: string;
  readonly version: string;
}

/** What a NATS server says about itself and what KubeStack keeps there. */
export interface NatsReport {
  readonly version: string;
  /** The server's own name and address, as it tells them. */
  readonly server: string;
  /** The server's clock minus this machine's, in milliseconds; null while it keeps nothing whose answer bears its time. */
  readonly offsetMs: number | null;
  /** Streams and buckets that are not there yet; the first service that starts makes them. */
  readonly missing: readonly string[];
  /** Those that this user can't look at, and why. */
  readonly unreadable: readonly string[];
  readonly services: readonly RunningService[];
}

/**
 * Looks at a server without changing anything there. Raises `bus-unavailable` where it can't be reached, is too old, or
 * has no JetStream for this user. At most a second is waited for services.
 */
export async function inspectNats(options: ConnectOptions, ownNow: () => number = Date.now): Promise<NatsReport> {
  const connection = await connectNats(options);
  try {
    const [stores, services] = await Promise.all([inspectStores(connection, ownNow), runningServices(connection)]);
    const { version = "unknown", server_name: name = "", host = "", port = 0 } = connection.nc.info ?? {};
    return { version, server: `${name} at ${host}:${port}`, ...stores, services };
  } finally {
    await connection.nc.close();
  }
}

async function inspectStores({ jsm }: Connection, ownNow: () => number) {
  const missing: string[] = [];
  const unreadable: string[] = [];
  let offsetMs: number | null = null;
  // One after the other: each answer bears the server's time, and a busy connection would blur it.
  for (const name of storeNames) {
    const sentAt = ownNow();
    try {
      const { ts } = await jsm.streams.info(name);
      const serverTime = Date.parse(ts ?? "");
      if (!Number.isNaN(serverTime)) offsetMs = Math.round(serverTime - (sentAt + ownNow()) / 2);
    } catch (error) {
      const sentence = sentenceOf(error);
      if (/not found/i.test(sentence)) missing.push(name);
      else unreadable.push(`${name} (${sentence})`);
    }
  }
  return { missing, unreadable, offsetMs };
}

async function runningServices({ nc }: Connection): Promise<RunningService[]> {
  const client = new Svcm(nc as never).client({ strategy: "timer", maxWait: 1000 });
  const found: RunningService[] = [];
  try {
    for await (const { name, version } of await client.ping()) found.push({ name, version });
  } catch {
    // Nobody answers a ping where no service runs: then there are none.
  }
  return found;
}
