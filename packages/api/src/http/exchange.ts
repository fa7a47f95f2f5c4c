import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopback, sentenceOf } from "@kubestack/contracts";
import type { Readiness } from "@kubestack/metrics";
import { refusalFor, refused } from "./error-body.ts";
import { readQuery } from "./query.ts";
import type { Answer, Route } from "./route.ts";

export interface ExchangeOptions {
  readonly routes: readonly Route[];
  /** The OpenAPI document. */
  readonly openApi: object;
  readonly readiness: Readiness;
  /** Told of what nobody foresaw. Never of what was asked: an address may hold a password. */
  readonly onFailure: (sentence: string) => void;
}

/** A request, as far as it matters here. */
export interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly host: string | undefined;
}

const openApiPath = "/api/v1/openapi.json";
/** How soon one may ask again what could not be answered, in seconds. */
const retryAfter = "2";

/** Headers of every answer: it is nobody's to keep, to show within a page, or to take for something else. */
const alwaysSent = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
} as const;

/** Answers one request. Never raises. Returns its route, as its path or `other`, and the status. */
export async function exchange(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
  // Whoever goes away in the middle is no error of ours.
  for (const one of [request, response]) one.on("error", () => undefined);
  const { method, url, headers } = request;
  const answer = await answerTo({ method, url, host: headers.host }, options);
  // The rest of a body that nobody asked for is not waited for.
  if (!request.complete) response.once("finish", () => request.destroy());
  send(response, answer, { isHead: method === "HEAD", isLast: !request.complete });
  return { route: routeIn(url, options), status: answer.status };
}

/** Sends an answer as JSON. */
export function send(
  response: ServerResponse,
  { status, body }: Answer,
  { isHead = false, isLast = false }: { readonly isHead?: boolean; readonly isLast?: boolean } = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const text = `${JSON.stringify(body, null, 2)}\n`;
  response.writeHead(status, {
    ...alwaysSent,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
    ...(status === 503 ? { "retry-after": retryAfter } : {}),
    ...(isLast ? { connection: "close" } : {}),
  });
  response.end(isHead ? undefined : text);
}

/** What a request is answered. Never raises. */
export async function answerTo(asked: Asked, options: ExchangeOptions): Promise<Answer> {
  try {
    return await answerOf(asked, options);
  } catch (error) {
    const refusal = refusalFor(error);
    if (refusal !== undefined) return refusal;
    options.onFailure(`a request could not be answered: ${sentenceOf(error)}`);
    return refused(500, "internal", "This could not be answered; the log of this process says why.");
  }
}

async function answerOf({ method, url, host }: Asked, options: ExchangeOptions): Promise<Answer> {
  if (!isOurs(host)) {
    return refused(
      421,
      "invalid-request",
      "This answers to loopback names only; send Host: 127.0.0.1, as a page of somewhere else could not.",
    );
  }
  if (method !== "GET" && method !== "HEAD")
    return refused(405, "invalid-request", "Only GET and HEAD are answered here.");
  const [path, query] = split(url);
  switch (path) {
    case "/healthz":
      // That this is answered says all there is to say: a process that turns is not mended by a restart.
      return { status: 200, body: { state: "ok" } };
    case "/readyz":
      return ready(options.readiness);
    case openApiPath:
      return { status: 200, body: options.openApi };
  }
  const route = options.routes.find((one) => one.path === path);
  if (route === undefined) {
    const known = [...options.routes.map((one) => one.path), openApiPath, "/healthz", "/readyz"];
    return refused(404, "not-found", `Nothing is here; ${known.join(", ")} are.`);
  }
  const read = readQuery(query, route.parameters);
  if ("fault" in read) return refused(400, "invalid-request", `${path}: ${read.fault}.`);
  return { status: 200, body: await route.answer(read.values) };
}

/**
 * A page from elsewhere may have its own name point to this machine, and its visitor's browser ask here: the name that it asks by
 * tells. Programs name none, or the address.
 */
function isOurs(host: string | undefined): boolean {
  if (host === undefined) return true;
  const [, six, plain = ""] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return isLoopback((six ?? plain).toLowerCase());
}

function split(url = "/"): [path: string, query: string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}

function ready(readiness: Readiness): Answer {
  const conditions = readiness.standings();
  return { status: conditions.every(({ isReady }) => isReady) ? 200 : 503, body: { conditions } };
}

/** A label for measures: of few values, whatever is asked. */
function routeIn(url: string | undefined, { routes }: ExchangeOptions): string {
  const [path] = split(url);
  return [...routes.map((one) => one.path), openApiPath, "/healthz", "/readyz"].find((one) => one === path) ?? "other";
}
