import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostAndPort, KubestackError, type ListenAddress, listenRemedy, sentenceOf } from "@kubestack/contracts";
import type { Exposition } from "./meter.ts";
import type { Readiness } from "./readiness.ts";

export interface MetricsServerOptions {
  readonly listen: ListenAddress;
  readonly exposition: Exposition;
  readonly readiness: Readiness;
  /** Told of a scrape that failed. */
  readonly onFailure: (sentence: string) => void;
}

export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464`, with the port that was picked. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Whoever does not send its request, or does not go on, within this time is let go, in milliseconds. */
const patienceMs = 5000;
const mostConnections = 64;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

/** Serves `/metrics`, `/healthz` and `/readyz`, to GET and HEAD. `invalid-config` where the address can't be had. */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer(
    { requestTimeout: patienceMs, headersTimeout: patienceMs, keepAliveTimeout: patienceMs, maxHeaderSize: 16 * 1024 },
    (request, response) => void answer(request, response, options),
  );
  server.setTimeout(2 * patienceMs);
  server.maxConnections = mostConnections;
  await listening(server, options.listen);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${hostAndPort({ host: options.listen.host, port })}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, listen: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(listen, error)));
    server.listen(listen.port, listen.host, resolve);
  });
}

function refusal(listen: ListenAddress, error: NodeJS.ErrnoException): KubestackError {
  const remedy = listenRemedy(error.code) ?? `${error.message}; name another address, or off`;
  return new KubestackError(
    "invalid-config",
    `listen.metrics: ${hostAndPort(listen)} can't be listened at: ${remedy}.`,
    {
      retry: "never",
      cause: error,
    },
  );
}

async function answer(request: IncomingMessage, response: ServerResponse, options: MetricsServerOptions) {
  const { status, text, type = "text/plain; charset=utf-8" } = await answerTo(request, options);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : text);
}

async function answerTo({ method, url = "/" }: IncomingMessage, options: MetricsServerOptions): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return { status: 405, text: "Only GET and HEAD are answered here.\n" };
  const [path] = url.split("?");
  switch (path) {
    case "/metrics":
      return exposed(options);
    case "/healthz":
      // That this is answered says all there is to say: a process that turns is not mended by a restart.
      return { status: 200, text: "ok\n" };
    case "/readyz":
      return ready(options.readiness);
    default:
      return { status: 404, text: "Nothing is here; /metrics, /healthz and /readyz are.\n" };
  }
}

async function exposed({ exposition, onFailure }: MetricsServerOptions): Promise<Answer> {
  try {
    return { status: 200, text: await exposition.text(), type: exposition.contentType };
  } catch (error) {
    onFailure(`the measures could not be read: ${sentenceOf(error)}`);
    return { status: 500, text: "The measures could not be read; the log of this process says why.\n" };
  }
}

function ready(readiness: Readiness): Answer {
  const standings = readiness.standings();
  const lines = standings.map(({ name, isReady, detail }) => `${isReady ? "ok" : "not ready"} ${name}: ${detail}\n`);
  return { status: standings.every(({ isReady }) => isReady) ? 200 : 503, text: lines.join("") };
}
