import type { IncomingMessage, ServerResponse } from "node:http";
import { sentenceOf } from "@kubestack/contracts";
import { authenticate } from "./authenticate.ts";
import type { Answer, HookRoute } from "./hook-route.ts";
import { longestBody, readBody } from "./request-body.ts";

/** Tells the log; never of a body, or of a secret. */
export type Tell = (level: "debug" | "info" | "warn", sentence: string, about?: object) => void;

export interface ExchangeOptions {
  readonly routeAt: (path: string) => HookRoute | undefined;
  readonly secretOf: (route: HookRoute) => Promise<string>;
  /** NATS's time in milliseconds. */
  readonly now: () => number;
  readonly tell: Tell;
  /** Told of each delivery that was refused for who sent it. */
  readonly refused: (route: HookRoute, because: string) => void;
}

/** How soon a sender may try again what could not be kept, in seconds. */
const retryAfter = "5";

/** Answers one request. Never raises. */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  options: ExchangeOptions,
): Promise<void> {
  // Whoever goes away in the middle is no error of ours.
  for (const one of [request, response]) one.on("error", () => undefined);
  send(response, await answerTo(request, options));
  // The rest of a body that is not wanted is not waited for.
  if (!request.complete) response.once("finish", () => request.destroy());
}

/** Sends an answer as JSON. */
export function send(response: ServerResponse, { status, message }: Answer): void {
  if (response.destroyed) return;
  const text = `${JSON.stringify({ message })}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...(status === 405 ? { allow: "POST" } : {}),
    ...(status === 503 ? { "retry-after": retryAfter } : {}),
    ...(status >= 400 && status !== 503 ? { connection: "close" } : {}),
  });
  response.end(text);
}

async function answerTo(request: IncomingMessage, options: ExchangeOptions): Promise<Answer> {
  const [path = ""] = (request.url ?? "").split("?");
  const route = options.routeAt(path);
  if (route === undefined) {
    return { status: 404, message: "No hook is here; hooks are at /hooks/demand/MASTER and /hooks/completion/MASTER." };
  }
  if (request.method !== "POST") return { status: 405, message: "Only POST is answered here." };
  if (!isJson(request.headers["content-type"])) {
    return { status: 415, message: "The body must be JSON; send it with Content-Type: application/json." };
  }
  const body = await readBody(request);
  if (body === "too long") return { status: 413, message: `The body is longer than ${longestBody} bytes.` };
  if (body === "cut off") return { status: 400, message: "The body ended before it was complete." };
  return deliver({ request, route, body }, options);
}

async function deliver(
  { request, route, body }: { request: IncomingMessage; route: HookRoute; body: Buffer },
  { secretOf, now, tell, refused }: ExchangeOptions,
): Promise<Answer> {
  const { headers } = request;
  const about = { master: route.master, hook: route.kind };
  try {
    const known = { secret: await secretOf(route), now: now() };
    const sender = authenticate({ headers, body }, known);
    if (!sender.ok) {
      refused(route, sender.because);
      return { status: 401, message: `The delivery is refused: ${sender.because}.` };
    }
    const json = parsed(body);
    if (json === undefined) return { status: 400, message: "The body is no JSON." };
    const answer = await route.take({ headers, body, json });
    tell("debug", `a delivery: ${answer.status} ${answer.message}`, about);
    return answer;
  } catch (error) {
    tell("warn", `a delivery could not be taken: ${sentenceOf(error)}`, about);
    return { status: 503, message: "The delivery can't be taken now; send it again." };
  }
}

function isJson(type: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type ?? "");
}

/** Undefined where the bytes are no JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
