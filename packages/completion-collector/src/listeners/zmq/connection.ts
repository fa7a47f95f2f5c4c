import { sentenceOf } from "@kubestack/contracts";
import { backoffMs, type Timing } from "@kubestack/runtime";
import type { Subscriber } from "zeromq";

export interface ConnectionOptions {
  /** Such as `tcp://ci.example.org:8888`. */
  readonly endpoint: string;
  /** How often the publisher is asked for a sign of life, in milliseconds; 0 never asks. */
  readonly heartbeatMs: number;
  /** How the messages begin that are wanted; the publisher sends no others. */
  readonly topics: readonly string[];
  readonly timing: Timing;
  /** Takes the parts of a message. Must not raise. */
  readonly heard: (parts: readonly Uint8Array[]) => void;
  readonly connected: () => void;
  /** Told when the connection is lost, or could not be made: it is tried for again. */
  readonly lost: (because: string) => void;
}

/** Messages longer than this, in bytes, end the connection before they fill the memory. */
const longestMessage = 1024 * 1024;
/** Messages that wait to be taken, at most; then the publisher keeps, and soon drops, what is new. */
const mostWaiting = 256;
/** Between two tries to connect, in milliseconds: doubled each time. */
const retry = { leastMs: 500, mostMs: 30_000 };
/** After a connection that stood this long, in milliseconds, the first try is as soon as ever. */
const steadyMs = 60_000;
const connectMs = 5_000;
/** A peer that vanished without a word is noticed after 60 + 3 * 10 seconds, also where it answers no ZMTP pings. */
const keepalive = { tcpKeepalive: 1, tcpKeepaliveIdle: 60, tcpKeepaliveInterval: 10, tcpKeepaliveCount: 3 };

/** The address of a publisher. IPv6 addresses get their brackets. */
export function endpointOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * A connection to a publisher that is made anew for as long as it takes, until it is stopped. Each time with a new socket:
 * libzmq comes back by itself after a lost connection, but never again after a peer that once broke the protocol.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #running: Promise<void>;
  readonly #ending = new AbortController();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Resolves when nothing of it is open any more. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { timing, lost } = this.#options;
    const { signal } = this.#ending;
    try {
      // Only here, since its binary may be missing on a rare machine: then there are no hints, and all else goes on.
      const { Subscriber: Socket } = await import("zeromq");
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        const began = timing.monotonic();
        const because = await this.#listen(Socket).catch(sentenceOf);
        if (signal.aborted) return;
        lost(because);
        if (timing.monotonic() - began > steadyMs) attempt = 1;
        await timing.sleep(backoffMs(attempt, retry, timing.random()), signal);
      }
    } catch (error) {
      lost(`nothing can be heard on this machine: ${sentenceOf(error)}`);
    }
  }

  /** Listens until the connection ends, and says why. */
  async #listen(Socket: typeof Subscriber): Promise<string> {
    const { signal } = this.#ending;
    const { endpoint, heartbeatMs, topics, heard } = this.#options;
    const socket = new Socket({
      ...keepalive,
      linger: 0,
      ipv6: endpoint.includes("["),
      maxMessageSize: longestMessage,
      receiveHighWaterMark: mostWaiting,
      reconnectInterval: retry.leastMs,
      reconnectMaxInterval: retry.mostMs,
      connectTimeout: connectMs,
      heartbeatInterval: heartbeatMs,
      heartbeatTimeout: heartbeatMs,
    });
    const close = (): void => socket.close();
    signal.addEventListener("abort", close);
    try {
      const ended = this.#watch(socket);
      if (signal.aborted) return "";
      for (const topic of topics) socket.subscribe(topic);
      socket.connect(endpoint);
      for await (const parts of socket) heard(parts);
      return ended();
    } finally {
      signal.removeEventListener("abort", close);
      socket.close();
    }
  }

  /** Closes a socket whose connection has ended. Returns what tells why it did. */
  #watch(socket: Subscriber): () => string {
    const { connected, lost } = this.#options;
    let because = "the connection was lost";
    const fails = (why: string) => (): void => {
      because = why;
    };
    // Old publishers never tell that they shook hands: the connection itself has to do.
    socket.events.on("connect", connected);
    socket.events.on("connect:retry", () => {
      if (!socket.closed) lost("no connection could be made yet");
    });
    socket.events.on("handshake:error:protocol", fails("what answers there is no ZMQ publisher"));
    socket.events.on("handshake:error:auth", fails("it refused the connection"));
    socket.events.on("handshake:error:other", fails("the connection ended before it was complete"));
    socket.events.on("disconnect", () => socket.close());
    return () => because;
  }
}
