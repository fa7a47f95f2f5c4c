import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { SelfSigned } from "./certificate.ts";
import type { ContainerLog, LogPiece } from "./container-log.ts";
import { chosenPieces, type LogRequest, logRequest, pieceBytes } from "./log-request.ts";

/** Finds the log of a container; a text says why there is none. */
export type FindLog = (
  wanted: { namespace: string; pod: string; container: string },
  previous: boolean,
) => ContainerLog | string;

/** The kubelet's own server, of which the API server asks for logs. */
export interface LogServer {
  readonly port: number;
  close(): Promise<void>;
}

const PATH = /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/;
/** A reader who takes nothing for so long, while this much waits for him, is let go. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;

/**
 * Serves `/containerLogs/{namespace}/{pod}/{container}` on a free port of `host`. It asks nobody who they are: whoever
 * reaches the port reads the logs, so it belongs on a loopback address.
 */
export async function startLogServer(options: {
  host: string;
  certificate: SelfSigned;
  findLog: FindLog;
  nowMs: () => number;
}): Promise<LogServer> {
  const { certPem, keyPem } = options.certificate;
  const server: Server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    answer(request, response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: { findLog: FindLog; nowMs: () => number },
): void {
  const url = new URL(request.url ?? "/", "https://kubelet");
  if (url.pathname === "/healthz") return void response.end("ok");
  const found = PATH.exec(url.pathname);
  if (found === null || request.method !== "GET") {
    return void response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
  }
  const [namespace = "", pod = "", container = ""] = found.slice(1).map(decodeURIComponent);
  const asked = logRequest(url.searchParams, options.nowMs());
  const log = options.findLog({ namespace, pod, container }, asked.previous);
  if (typeof log === "string") return void response.writeHead(400, { "content-type": "text/plain" }).end(log);
  response.writeHead(200, { "content-type": "text/plain" });
  sendLog(log, asked, response);
}

function sendLog(log: ContainerLog, asked: LogRequest, response: ServerResponse): void {
  let left = asked.limitBytes ?? Number.POSITIVE_INFINITY;
  let isContinued = false;
  const send = (piece: LogPiece) => {
    const bytes = pieceBytes(piece, asked, isContinued).subarray(0, left);
    isContinued = piece.isPartial;
    left -= bytes.length;
    response.write(bytes);
  };
  for (const piece of chosenPieces(log.read(), asked)) {
    if (left <= 0) break;
    send(piece);
  }
  if (!asked.follow || left <= 0) return void response.end();
  response.flushHeaders();
  const leave = log.follow(
    (piece) => {
      send(piece);
      if (left <= 0) response.end();
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
    },
    () => response.end(),
  );
  response.once("close", leave);
}
