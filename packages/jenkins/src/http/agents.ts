import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { rootCertificates } from "node:tls";

/** What decides how connections to one master are made. */
export interface AgentOptions {
  readonly connectMs: number;
  /** Certificates in PEM form that are trusted beside the well-known ones. */
  readonly caPem?: string;
  /** Accept any certificate. Default false. */
  readonly insecureSkipVerify?: boolean;
}

/** Keep-alive connections of one master, few enough not to occupy its request threads. */
export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  close(): void;
}

const keepAlive = { keepAlive: true, maxSockets: 4, maxFreeSockets: 2, scheduling: "lifo" } as const;

/** Opens nothing yet: connections are made by the first requests and kept until `close`. */
export function createAgents(options: AgentOptions): Agents {
  const plain = limitConnecting(new http.Agent(keepAlive), "connect", options.connectMs);
  const secure = limitConnecting(
    new https.Agent({
      ...keepAlive,
      rejectUnauthorized: options.insecureSkipVerify !== true,
      ...(options.caPem === undefined ? {} : { ca: [...rootCertificates, options.caPem] }),
    }),
    "secureConnect",
    options.connectMs,
  );
  return {
    http: plain,
    https: secure,
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** Node's agents know no limit for connecting alone, so each new socket is given one. */
function limitConnecting<A extends http.Agent>(agent: A, ready: "connect" | "secureConnect", connectMs: number): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...parameters: Parameters<typeof connect>) => {
    const socket = connect(...parameters);
    if (socket) destroyUnlessReady(socket, ready, connectMs);
    return socket;
  };
  return agent;
}

function destroyUnlessReady(socket: Duplex, ready: string, connectMs: number): void {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error(`no connection within ${connectMs} ms`), { code: "ETIMEDOUT" }));
  }, connectMs);
  const stop = () => clearTimeout(timer);
  socket.once(ready, stop).once("error", stop).once("close", stop);
}
