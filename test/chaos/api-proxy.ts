import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request as requestTls } from "node:https";
import type { Socket } from "node:net";
import { listening } from "./listening.ts";
import type { Random } from "./random.ts";

/** What goes wrong on the way to the API server. */
export type ApiTrouble =
  /** Half of all requests are answered so, and nothing is done. */
  | { readonly kind: "refuse"; readonly statuses: readonly number[]; readonly random: Random }
  /** Nothing is done and nothing answered. */
  | { readonly kind: "hang" }
  /** Everything is done; half of the answers are lost. */
  | { readonly kind: "lost"; readonly random: Random };

/** A pod that the API server said it had created, whoever heard that. */
export interface PodCreated {
  readonly at: number;
  readonly slave: string;
  readonly master: string;
  readonly name: string;
  readonly uid: string;
  readonly isAnswerLost: boolean;
}

export interface ApiProxyOptions {
  readonly target: { readonly url: string; readonly ca: string };
  readonly onPodCreated: (created: PodCreated) => void;
  /** A control for tests that must fail then: the name of a pod is decided anew at each try to create it. */
  readonly forgetsNames: boolean;
}

/** The services' way to the API server, by plain HTTP of this machine. */
export interface ApiProxy {
  readonly url: string;
  trouble: ApiTrouble | undefined;
  /** Breaks every connection, watches too. */
  cut(): void;
  close(): Promise<void>;
}

/** Opens the way. */
export async function startApiProxy(options: ApiProxyOptions): Promise<ApiProxy> {
  const sockets = new Set<Socket>();
  const agent = new Agent({ keepAlive: true, ca: options.target.ca });
  const names = new ChangedNames(options.forgetsNames);

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { trouble } = proxy;
    if (trouble?.kind === "hang") return; // the socket goes when whoever asks gives up
    if (trouble?.kind === "refuse" && trouble.random.next() < 0.5) {
      refuse(response, trouble.random.oneOf(trouble.statuses));
      return;
    }
    const isAnswerLost = trouble?.kind === "lost" && trouble.random.next() < 0.5;
    const body = await bodyOf(request);
    const isCreate =
      request.method === "POST" && new URL(request.url ?? "/", "http://proxy").pathname.endsWith("/pods");
    await forward({ request, response, body: isCreate ? names.ofCreate(body) : body, isCreate, isAnswerLost });
  }

  function forward(of: {
    request: IncomingMessage;
    response: ServerResponse;
    body: Buffer;
    isCreate: boolean;
    isAnswerLost: boolean;
  }): Promise<void> {
    const { request, response, body, isCreate, isAnswerLost } = of;
    const { "transfer-encoding": _encoding, host: _host, connection: _connection, ...headers } = request.headers;
    const url = new URL(names.ofPath(request.url ?? "/"), options.target.url);
    return new Promise((resolve, reject) => {
      const upstream = requestTls(
        url,
        { agent, method: request.method, headers: { ...headers, "content-length": body.length } },
        (answer) => {
          answer.once("error", reject);
          answer.once("close", resolve);
          const { statusCode = 502 } = answer;
          if (!isCreate && !isAnswerLost) {
            response.writeHead(statusCode, answer.headers);
            // A watch in which nothing happens is answered all the same.
            response.flushHeaders();
            answer.pipe(response);
            return;
          }
          bodyOf(answer).then((text) => {
            // The server has done what it was asked to: what came of it is of interest here, whoever hears of it.
            if (isCreate) noteCreated(statusCode, text, isAnswerLost);
            if (isAnswerLost) response.destroy();
            else response.writeHead(statusCode, answer.headers).end(text);
          }, reject);
        },
      );
      upstream.once("error", reject);
      response.once("close", () => upstream.destroy());
      upstream.end(body);
    });
  }

  function noteCreated(status: number, text: Buffer, isAnswerLost: boolean): void {
    if (status !== 201) return;
    const { metadata } = JSON.parse(text.toString()) as {
      metadata: { name: string; uid: string; labels: Record<string, string> };
    };
    const { "kubestack.io/slave": slave = metadata.name, "kubestack.io/master": master = "" } = metadata.labels;
    names.created(slave, metadata.name);
    options.onPodCreated({ at: Date.now(), slave, master, name: metadata.name, uid: metadata.uid, isAnswerLost });
  }

  const port = await listening(server);
  const proxy: ApiProxy = {
    url: `http://127.0.0.1:${port}`,
    trouble: undefined,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      proxy.cut();
      agent.destroy();
      await closed;
    },
  };
  return proxy;
}

/** Gives each creation of a pod another name, and leads requests for the asked one to the name that came of it last. */
class ChangedNames {
  readonly #isOn: boolean;
  readonly #last = new Map<string, string>();

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  ofCreate(body: Buffer): Buffer {
    if (!this.#isOn) return body;
    const pod = JSON.parse(body.toString()) as { metadata: { name?: string } };
    const { name, ...metadata } = pod.metadata;
    return Buffer.from(JSON.stringify({ ...pod, metadata: { ...metadata, generateName: `${name}-` } }));
  }

  created(slave: string, name: string): void {
    if (this.#isOn) this.#last.set(slave, name);
  }

  ofPath(path: string): string {
    const [, before = "", name = "", after = ""] = /^(.*\/pods\/)([^/?]+)(.*)$/.exec(path) ?? [];
    const other = this.#last.get(name);
    return other === undefined ? path : `${before}${other}${after}`;
  }
}

function refuse(response: ServerResponse, status: number): void {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", code: status, message: "refused by a fault" };
  response.writeHead(status, { "content-type": "application/json", ...(status === 429 ? { "retry-after": "1" } : {}) });
  response.end(JSON.stringify(body));
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
