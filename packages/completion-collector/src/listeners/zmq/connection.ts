import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { sentenceOf } from "@kubestack/contracts";
import { backoffMs, type Timing } from "@kubestack/runtime";
import type { Subscriber } from "zeromq";

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
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
/** Between two tries, in milliseconds: doubled each time. */
const retry = { leastMs: 500, mostMs: 30_000 };
/** After a connection that stood this long, in milliseconds, the first try is as soon as ever. */
const steadyMs = 60_000;
/** For a connection, and before that for the address of a name. */
const connectMs = 5_000;
/** A peer that vanished without a word is noticed after 60 + 3 * 10 seconds, also where it answers no ZMTP pings. */
const keepalive = { tcpKeepalive: 1, tcpKeepaliveIdle: 60, tcpKeepaliveInterval: 10, tcpKeepaliveCount: 3 };

/** The address of a publisher. IPv6 addresses get their brackets. */
export function endpointOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * A connection to a publisher that is made anew for as long as it takes, until it is stopped. Each time with a new socket
 * and the host's present address: libzmq never comes back to a peer that once broke the protocol, and looks names up in
 * the one thread that serves all connections of a process.
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
        const because = await this.#listen(Socket, attempt).catch(sentenceOf);
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
  async #listen(Socket: typeof Subscriber, attempt: number): Promise<string> {
    const { signal } = this.#ending;
    const { port, heartbeatMs, topics, heard } = this.#options;
    const host = await this.#address(attempt);
    const socket = new Socket({
      ...keepalive,
      linger: 0,
      ipv6: isIP(host) === 6,
      maxMessageSize: longestMessage,
      receiveHighWaterMark: mostWaiting,
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
      socket.connect(endpointOf({ host, port }));
      for await (const parts of socket) heard(parts);
      return ended();
    } finally {
      signal.removeEventListener("abort", close);
      socket.close();
    }
  }

  /** Where the host is now: of several addresses one after the other. Raises where none is found in time. */
  async #address(attempt: number): Promise<string> {
    const { host, timing } = this.#options;
    if (isIP(host) !== 0) return host;
    const found = new AbortController();
    const late = timing.sleep(connectMs, AbortSignal.any([this.#ending.signal, found.signal])).then(() => []);
    try {
      const addresses = await Promise.race([lookup(host, { all: true }), late]);
      const next = addresses[(attempt - 1) % Math.max(1, addresses.length)];
      if (next === undefined) throw new Error("the address of its name was not found in time");
      return next.address;
    } finally {
      found.abort();
    }
  }

  /** Closes a socket whose connection has ended. Returns what tells why it did. */
  #watch(socket: Subscriber): () => string {
    let because = "the connection was lost";
    const fails = (why: string) => (): void => {
      because = why;
    };
    // Old publishers never tell that they shook hands: the connection itself has to do.
    socket.events.on("connect", this.#options.connected);
    socket.events.on("connect:retry", () => {
      // After a lost connection it is told, too.
      if (!socket.closed) because = "no connection could be made";
      socket.close();
    });
    socket.events.on("handshake:error:protocol", fails("what answers there is no ZMQ publisher"));
    socket.events.on("handshake:error:auth", fails("it refused the connection"));
    socket.events.on("handshake:error:other", fails("the connection ended before it was complete"));
    socket.events.on("disconnect", () => socket.close());
    return () => because;
  }
}
