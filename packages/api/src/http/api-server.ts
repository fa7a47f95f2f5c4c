import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostAndPort, type ListenAddress, listenAddress, listenRemedy } from "@kubestack/contracts";
import { refused } from "./error-body.ts";
import { type ExchangeOptions, exchange, send } from "./exchange.ts";

export interface ApiServerOptions extends ExchangeOptions {
  /** `HOST:PORT`, or `off`: then nothing is listened to. */
  readonly listen: string;
  readonly tell: (level: "info" | "warn", sentence: string, about?: object) => void;
  /** Told of each request that was answered, and of how long that took. */
  readonly answered: (of: { readonly route: string; readonly status: number; readonly seconds: number }) => void;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
  /** Between two tries to have the address, in milliseconds; default 10 s. */
  readonly retryMs?: number;
}

export interface ApiServer {
  /** Resolves with the address, such as `http://127.0.0.1:8650`, once it listens. */
  readonly listening: Promise<string>;
  /** What a person has to mend, each as a sentence. */
  problems(): readonly string[];
  /** Takes no more requests; those that are being answered may be, for a moment. */
  stop(): Promise<void>;
}

/** Whoever does not send its request, or does not go on, within this time is let go, in milliseconds. */
const patienceMs = 10_000;
const mostConnections = 1024;
/** Requests that are answered at one time. */
const mostAtOnce = 256;
/** What is being answered may go on for so long once the server ends, in milliseconds. */
const endingMs = 2000;

/** Listens, and answers until it is stopped. Another program may have the port for a while: the rest goes on without it. */
export function startApiServer(options: ApiServerOptions): ApiServer {
  const server = new OneServer(options);
  server.listen();
  return server;
}

class OneServer implements ApiServer {
  readonly #options: ApiServerOptions;
  readonly #listening = Promise.withResolvers<string>();
  #server: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #problem: string | undefined;
  #atWork = 0;
  #isStopped = false;

  constructor(options: ApiServerOptions) {
    this.#options = options;
  }

  get listening(): Promise<string> {
    return this.#listening.promise;
  }

  problems(): readonly string[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    const server = this.#server;
    if (server === undefined || !server.listening) return;
    const late = setTimeout(() => server.closeAllConnections(), endingMs);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
      if (this.#atWork === 0) server.closeAllConnections();
    });
    clearTimeout(late);
  }

  listen(): void {
    const { tell } = this.#options;
    const address = listenAddress(this.#options.listen);
    if (this.#isStopped || address === undefined) return;
    const server = this.#makeServer();
    this.#server = server;
    server.once("error", (error: NodeJS.ErrnoException) => this.#failed(address, error));
    server.listen(address.port, address.host, () => {
      const { port } = server.address() as AddressInfo;
      const url = `http://${hostAndPort({ host: address.host, port })}`;
      this.#problem = undefined;
      tell("info", `people are answered at ${url}/api/v1/`, { url });
      this.#listening.resolve(url);
    });
  }

  #failed(address: ListenAddress, error: NodeJS.ErrnoException): void {
    const sentence = `listen.api: ${hostAndPort(address)} can't be listened at: ${listenRemedy(error.code) ?? error.message}`;
    if (sentence !== this.#problem)
      this.#options.tell("warn", `${sentence}; nobody is answered over HTTP by this process until then`);
    this.#problem = sentence;
    this.#server = undefined;
    if (!this.#isStopped) this.#retry = setTimeout(() => this.listen(), this.#options.retryMs ?? 10_000);
  }

  #makeServer(): Server {
    const server = createServer({
      requestTimeout: patienceMs,
      headersTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 32 * 1024,
    });
    server.on("request", (request, response) => void this.#answer(request, response));
    server.setTimeout(2 * patienceMs);
    server.maxConnections = mostConnections;
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { monotonic, answered } = this.#options;
    if (this.#isStopped) response.shouldKeepAlive = false;
    if (this.#atWork >= mostAtOnce) {
      send(response, refused(503, "too-many", "Too many ask at once; ask again in a moment."), { isLast: true });
      return;
    }
    const begun = monotonic();
    this.#atWork += 1;
    // Who was answered while all ends is not waited for any more.
    response.once("close", () => {
      if (this.#isStopped) this.#server?.closeIdleConnections();
    });
    try {
      const { route, status } = await exchange(request, response, this.#options);
      answered({ route, status, seconds: (monotonic() - begun) / 1000 });
    } finally {
      this.#atWork -= 1;
    }
  }
}
