import { KubestackError } from "@kubestack/contracts";
import axios, { type AxiosInstance, type AxiosResponse, isAxiosError } from "axios";
import type { Agents } from "./agents.ts";
import type { Timeouts } from "./timeouts.ts";

/** One request, complete with its headers. */
export interface Request {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back, whatever its status. Names of headers are in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly text: string;
}

/** Sends one request. Raises master-unavailable where no whole answer came in time, or one that is too large. */
export type Send = (request: Request) => Promise<Answer>;

/** Who is spoken to, and the bounds of every exchange. */
export interface SendOptions {
  readonly name: string;
  readonly agents: Agents;
  readonly timeouts: Timeouts;
  /** Largest answer that is read, decompressed. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
}

const defaultMaxAnswerBytes = 64 * 1024 * 1024;
const maxRequestBytes = 1024 * 1024;

/**
 * Redirects are never followed: one to a login page would turn a refusal into an answer. Proxies named in the
 * environment are not used either: a master is spoken to at the address that was given.
 */
export function createSend(options: SendOptions): Send {
  const client = axios.create({
    httpAgent: options.agents.http,
    httpsAgent: options.agents.https,
    maxRedirects: 0,
    maxContentLength: options.maxAnswerBytes ?? defaultMaxAnswerBytes,
    maxBodyLength: maxRequestBytes,
    proxy: false,
    responseType: "text",
    responseEncoding: "utf8",
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });
  return async (request) => {
    try {
      return await once(client, request, options.timeouts);
    } catch (error) {
      // A kept connection may have been closed by the other side just as it was taken; reading again does no harm.
      if (request.method !== "GET" || !isStaleConnection(error)) throw unavailable(error, request, options);
    }
    try {
      return await once(client, request, options.timeouts);
    } catch (error) {
      throw unavailable(error, request, options);
    }
  };
}

async function once(client: AxiosInstance, request: Request, timeouts: Timeouts): Promise<Answer> {
  const response: AxiosResponse<unknown> = await client.request({
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    signal: AbortSignal.timeout(timeouts.connectMs + timeouts.readMs),
    ...(request.body === undefined ? {} : { data: request.body }),
  });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (typeof value === "string") headers[name.toLowerCase()] = value;
  }
  const setCookies: unknown = response.headers["set-cookie"];
  return {
    status: response.status,
    headers,
    setCookies: Array.isArray(setCookies) ? setCookies.filter((line) => typeof line === "string") : [],
    text: typeof response.data === "string" ? response.data : "",
  };
}

function isStaleConnection(error: unknown): boolean {
  if (!isAxiosError(error) || (error.code !== "ECONNRESET" && error.code !== "EPIPE")) return false;
  const request: unknown = error.request;
  return typeof request === "object" && request !== null && hasReusedSocket(request);
}

function hasReusedSocket(request: object): boolean {
  if ("reusedSocket" in request) return request.reusedSocket === true;
  if (!("_currentRequest" in request)) return false;
  const current = request._currentRequest;
  return typeof current === "object" && current !== null && "reusedSocket" in current && current.reusedSocket === true;
}

/** The client's own error holds the request with its Authorization header: only its code and words are kept. */
function unavailable(error: unknown, request: Request, options: SendOptions): KubestackError {
  const code = isAxiosError(error) ? (error.code ?? "") : "";
  const words = error instanceof Error ? error.message : String(error);
  const origin = new URL(request.url).origin;
  return new KubestackError(
    "master-unavailable",
    `Master ${options.name} ${reasonOf(code, words, options)} (${origin}).`,
    {
      cause: new Error(code === "" || words.includes(code) ? words : `${code}: ${words}`),
    },
  );
}

const tlsCode = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|EPROTO/;

function reasonOf(code: string, words: string, options: SendOptions): string {
  const { connectMs, readMs } = options.timeouts;
  if (code === "ERR_CANCELED") return `gave no whole answer within ${(connectMs + readMs) / 1000} s`;
  if (code === "ECONNREFUSED") return "refuses connections; is it running, and is this its address?";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "has a host name that cannot be resolved; check its url";
  if (code === "ETIMEDOUT" || code === "ECONNABORTED") return `took no connection within ${connectMs / 1000} s`;
  if (words.includes("maxContentLength")) {
    return `sent more than ${(options.maxAnswerBytes ?? defaultMaxAnswerBytes) / 1048576} MiB for one answer`;
  }
  if (tlsCode.test(code)) return `has a certificate that is not trusted (${code}); name its authority in tls.ca`;
  if (code === "ECONNRESET" || words.includes("aborted") || words.includes("hang up")) return "broke off its answer";
  return `cannot be reached: ${words}`;
}
