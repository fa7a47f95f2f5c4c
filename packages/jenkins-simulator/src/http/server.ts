import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type AgentStreams, createAgentStreams } from "./agent-streams.ts";
import { type Answer, notFound, Refusal } from "./answer.ts";
import type { FaultTable } from "./faults.ts";
import { type Received, receive } from "./received.ts";
import { route } from "./route.ts";
import type { Scene } from "./scene.ts";
import { answerInstead, sendAnswer } from "./send-answer.ts";
import { takeUpgrade } from "./web-socket-agents.ts";

/** The master's HTTP server, on loopback. */
export interface MasterServer {
  /** Without the context path. */
  readonly port: number;
  /** Requests that were answered, for tests that count them: `METHOD path`, oldest first. */
  readonly log: readonly string[];
  /** Breaks every connection that is open now, agents' too. */
  dropConnections(): void;
  /** Refuses connections until `comeUp`; the port is kept. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Made once the port is known, since the master names its own address in links. */
  readonly scene: (port: number) => Scene;
  readonly faults: FaultTable;
  /** Begins with a slash and has none at its end; "" for none. */
  readonly context: string;
  /** Default: a free port. */
  readonly port: number;
  /** Its `Date` header is this machine's time and so much, in ms. */
  readonly dateAheadMs: number;
}

const mostLogged = 10_000;

export async function startServer(options: ServerOptions): Promise<MasterServer> {
  const { context, faults } = options;
  const sockets = new Set<Socket>();
  const stopping = new AbortController();
  const log: string[] = [];
  let scene: Scene | undefined;
  let streams: AgentStreams | undefined;

  function told(request: Received): void {
    if (log.length < mostLogged) log.push(`${request.method} ${request.path}`);
  }

  async function answer(message: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.setHeader("date", new Date(Date.now() + options.dateAheadMs).toUTCString());
    const request = await receive(message, context);
    if (request === null || scene === undefined || streams === undefined) {
      return sendAnswer(response, notFound(), { fault: null, signal: stopping.signal });
    }
    told(request);
    const fault = faults.take(request);
    if (fault?.kind === "drop") {
      response.destroy();
      return;
    }
    if (fault?.kind === "held") await pause(fault.ms, undefined, { signal: stopping.signal });
    const instead = fault === null ? null : answerInstead(fault);
    const ofAgents = scene.state.phase === "running" ? agentsCall(request, streams) : null;
    if (instead === null && ofAgents !== null) {
      const refusal = ofAgents(response);
      return refusal === null ? undefined : sendAnswer(response, refusal, { fault, signal: stopping.signal });
    }
    await sendAnswer(response, instead ?? (await route(scene, request)), { fault, signal: stopping.signal });
  }

  const server = http.createServer((message, response) => {
    answer(message, response).catch((error: unknown) => {
      if (error instanceof Refusal && !response.headersSent) {
        const { status, headers, body } = error.answer;
        response.writeHead(status, { ...headers }).end(body);
      } else response.destroy();
    });
  });
  server.on("upgrade", (message, socket) => {
    if (scene === undefined || streams === undefined) socket.destroy();
    else takeUpgrade(message, socket, { scene, streams, faults, context, told });
  });
  server.keepAliveTimeout = 30_000;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
  const shut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    dropConnections();
    await closed;
  };

  await listen(options.port);
  const { port } = server.address() as AddressInfo;
  scene = options.scene(port);
  streams = createAgentStreams(scene.core, scene.secretOf);
  return {
    port,
    log,
    dropConnections,
    goDown: shut,
    comeUp: () => listen(port),
    async close() {
      stopping.abort();
      if (server.listening) await shut();
    },
  };
}

/** What an agent asks: for its stream, or to be heard that a script has ended. Null: something else is asked. */
function agentsCall(
  request: Received,
  streams: AgentStreams,
): ((response: http.ServerResponse) => Answer | null) | null {
  if (request.method === "POST") return request.path === "simulator/agent/ended" ? () => streams.ended(request) : null;
  return request.path === "simulator/agent" ? (response) => streams.open(request, response) : null;
}
