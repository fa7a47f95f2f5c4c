import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  hostAndPort,
  KubestackError,
  type ListenAddress,
  listenAddress,
  listenRemedy,
  type SecretReference,
} from "@kubestack/contracts";
import { type ExchangeOptions, exchange, send, type Tell } from "./exchange.ts";
import type { HookRoute, Hooks } from "./hook-route.ts";
import { KnownSecrets } from "./known-secrets.ts";
import { Turns } from "./turns.ts";

export type { Tell } from "./exchange.ts";

export interface HookServerOptions {
  /** `HOST:PORT`, or `off`: then nothing is listened to, whoever registers. */
  readonly listen: string;
  readonly secret: (reference: SecretReference) => Promise<string>;
  /** NATS's time in milliseconds: what senders sign is compared with it. */
  readonly now: () => number;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
  readonly tell: Tell;
  /** Between two tries to have the address, in milliseconds; default 10 s. */
  readonly retryMs?: number;
}

export interface HookServer extends Hooks {
  /** Resolves with the address, such as `http://127.0.0.1:8651`, once it listens: with the first hook. */
  readonly listening: Promise<string>;
  /** What a person has to mend, each as a sentence: why no webhooks are taken though somebody wants some. */
  problems(): readonly string[];
  stop(): Promise<void>;
}

/** Whoever does not send its request, or does not go on, within this time is let go, in milliseconds. */
const patienceMs = 10_000;
/** Most senders send once: none is turned away at the door while there is room to wait. */
const mostConnections = 1024;
/** Requests that are answered at one time: each may hold a whole body. Nothing is read of those that wait. */
const mostAtOnce = 64;
const mostWaiting = 1024;
/** That a hook's deliveries are refused is told no more often than this, in milliseconds. */
const toldAgainMs = 60_000;

/** Makes a server that listens as soon as somebody registers a hook, and until it is stopped. */
export function startHookServer(options: HookServerOptions): HookServer {
  return new OneServer(options);
}

class OneServer implements HookServer {
  readonly #options: HookServerOptions;
  readonly #routes = new Map<string, HookRoute>();
  readonly #refusedAt = new Map<string, number>();
  readonly #secrets: KnownSecrets;
  readonly #listening = Promise.withResolvers<string>();
  #server: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  #standing = "takes no webhooks";
  readonly #turns = new Turns(mostAtOnce, mostWaiting);
  #isStopped = false;

  readonly #around: ExchangeOptions;

  constructor(options: HookServerOptions) {
    this.#options = options;
    this.#around = {
      routeAt: (path) => this.#routeAt(path),
      secretOf: ({ secret }) => this.#secrets.of(secret),
      now: options.now,
      tell: options.tell,
      refused: (route, because) => this.#refused(route, because),
    };
    this.#secrets = new KnownSecrets(options.secret, options.monotonic);
  }

  get listening(): Promise<string> {
    return this.#listening.promise;
  }

  register(route: HookRoute): () => void {
    const key = keyOf(route);
    if (this.#routes.has(key)) {
      throw new KubestackError(
        "invalid-config",
        `Master ${route.master} has two webhooks for ${route.kind}; leave one.`,
      );
    }
    this.#routes.set(key, route);
    if (this.#server === undefined && this.#retry === undefined) this.#listen();
    return () => {
      if (this.#routes.get(key) !== route) return;
      this.#routes.delete(key);
      this.#refusedAt.delete(key);
      this.#secrets.forget(route.secret);
    };
  }

  describe(): string {
    return this.#standing;
  }

  problems(): readonly string[] {
    return this.#routes.size === 0 || this.#server?.listening === true ? [] : [this.#standing];
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    const server = this.#server;
    if (server === undefined || !server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #listen(): void {
    const { listen, tell } = this.#options;
    const address = listenAddress(listen);
    if (this.#isStopped) return;
    if (address === undefined) {
      this.#standing = "webhooks are not taken: listen.hooks is off";
      tell("warn", this.#standing);
      return;
    }
    const server = this.#makeServer();
    this.#server = server;
    this.#retry = undefined;
    server.once("error", (error: NodeJS.ErrnoException) => this.#failed(address, error));
    server.listen(address.port, address.host, () => {
      const { port } = server.address() as AddressInfo;
      const url = `http://${hostAndPort({ host: address.host, port })}`;
      this.#standing = `webhooks are taken at ${url}/hooks/`;
      tell("info", this.#standing, { url });
      this.#listening.resolve(url);
    });
  }

  /** Another program may have the port for a while: a process that ends, for example. The rest goes on without it. */
  #failed(address: ListenAddress, error: NodeJS.ErrnoException): void {
    const sentence = `listen.hooks: ${hostAndPort(address)} can't be listened at: ${listenRemedy(error.code) ?? error.message}`;
    if (sentence !== this.#standing) this.#options.tell("warn", `${sentence}; webhooks are not taken until then`);
    this.#standing = sentence;
    this.#server = undefined;
    if (!this.#isStopped) this.#retry = setTimeout(() => this.#listen(), this.#options.retryMs ?? 10_000);
  }

  #makeServer(): Server {
    const server = createServer({
      requestTimeout: patienceMs,
      headersTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16 * 1024,
    });
    server.on("request", async (request, response) => {
      const isTaken = await this.#turns.take(() => exchange(request, response, this.#around));
      if (!isTaken) send(response, { status: 503, message: "Too many deliveries at once; send it again." });
    });
    server.setTimeout(2 * patienceMs);
    server.maxConnections = mostConnections;
    return server;
  }

  #routeAt(path: string): HookRoute | undefined {
    const key = keyIn(path);
    return key === undefined ? undefined : this.#routes.get(key);
  }

  #refused(route: HookRoute, because: string): void {
    const key = keyOf(route);
    const now = this.#options.monotonic();
    const at = this.#refusedAt.get(key);
    if (at !== undefined && now - at < toldAgainMs) return;
    this.#refusedAt.set(key, now);
    this.#options.tell("warn", `a delivery is refused: ${because}`, { master: route.master, hook: route.kind });
  }
}

function keyOf({ kind, master }: Pick<HookRoute, "kind" | "master">): string {
  return `${kind}/${master}`;
}

/** The key that a path means; names may be written in it as in any address. */
function keyIn(path: string): string | undefined {
  const [, kind = "", master = ""] = /^\/hooks\/(\w+)\/([^/]+)$/.exec(path) ?? [];
  try {
    return `${kind}/${decodeURIComponent(master)}`;
  } catch {
    return undefined;
  }
}
