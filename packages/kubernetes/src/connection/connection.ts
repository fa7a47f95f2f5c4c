import { KubestackError } from "@kubestack/contracts";
import { type CallDescription, describeCall } from "./call-description.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { createCredentials } from "./credentials.ts";
import { flatHeaders, pathOf, readText } from "./http-message.ts";
import { networkFailureOf } from "./network-failure.ts";
import { type Answer, refusalOf } from "./refusal.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Timing } from "./timing.ts";
import { createTokenBucket } from "./token-bucket.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One call of the API, at the lowest seam. */
export interface ClusterRequest {
  readonly method: Method;
  /** Such as `/api/v1/namespaces/ci-agents/pods`; each name in it must be a valid Kubernetes name. May carry a query. */
  readonly path: string;
  /** Added to the path; what is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  /** Default `application/json`. A PATCH needs one of the patch types, such as `application/merge-patch+json`. */
  readonly contentType?: string;
  /** From the first byte sent to the last byte read, retries included. Default: the connection's. */
  readonly timeoutMs?: number;
  /** Ends the call early. */
  readonly signal?: AbortSignal;
}

/** An answer whose body is still coming. */
export interface OpenedStream {
  /** Ends, or throws `cluster-unavailable`, when the stream does. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Requests to one API server: authenticated, limited, timed, and with its errors translated. */
export interface Connection {
  /** The server's address, for sentences. */
  readonly server: string;
  readonly timing: Timing;
  /** The JSON of a successful answer. Raises KubestackError for everything else (see `refusalOf` and `networkFailureOf`). */
  request<T>(request: ClusterRequest): Promise<T>;
  /** The answer as it came, whatever its status. Raises only where there is none. */
  exchange(request: ClusterRequest): Promise<Answer>;
  /** Opens an endless answer. The headers come within the timeout; the body has none: the caller's signal ends it. */
  openStream(request: ClusterRequest & { readonly signal: AbortSignal }): Promise<OpenedStream>;
  /** The translation of an unsuccessful answer. */
  refusal(request: ClusterRequest, answer: Answer): KubestackError;
  /** Ends every request and closes the connections. */
  close(): Promise<void>;
}

/** How much is asked of the server, and how patiently. */
export interface ConnectionLimits {
  /** Requests a second. Default 200. */
  readonly qps?: number;
  /** Requests that may be made at once before `qps` holds. Default 400. */
  readonly burst?: number;
  /** Default 10,000. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
}

const longestQueueMs = 30_000;
const mostRetries = 4;
/** The stream's own clock must run out before the request's: only then does undici ask whether the whole connection is dead. */
const probeHeadStartMs = 250;

export function createConnection(
  access: ClusterAccess,
  limits: ConnectionLimits & { readonly timing: Timing },
): Connection {
  const { timing, timeoutMs: defaultTimeoutMs = 10_000, userAgent = "kubestack" } = limits;
  const { server } = access;
  const { origin, pathname } = new URL(server);
  const prefix = pathname === "/" ? "" : pathname;
  const credentials = createCredentials(access);
  const bucket = createTokenBucket(limits.qps ?? 200, limits.burst ?? 400);
  const closing = new AbortController();

  function describe(request: ClusterRequest): CallDescription & { server: string } {
    const body = request.body as { metadata?: { name?: unknown } } | undefined;
    const name = typeof body?.metadata?.name === "string" ? body.metadata.name : undefined;
    return { ...describeCall(request.method, pathOf(request), name), server };
  }

  async function waitForTurn(request: ClusterRequest): Promise<void> {
    const waitMs = bucket.take(timing.now(), longestQueueMs);
    if (waitMs === undefined) {
      const { verb, object } = describe(request);
      throw new KubestackError(
        "throttled",
        `Cannot ${verb} ${object} at ${server}: more than ${longestQueueMs / 1000} s of requests wait already; it is tried again, or raise the request rate.`,
        { retry: { afterMs: longestQueueMs } },
      );
    }
    if (waitMs > 0) await timing.sleep(waitMs, request.signal);
  }

  async function send(request: ClusterRequest, timeoutMs: number, stream: boolean) {
    const { headers, dispatcher } = await credentials.apply();
    const signals = [closing.signal, ...(request.signal ? [request.signal] : [])];
    if (!stream) signals.push(AbortSignal.timeout(timeoutMs + probeHeadStartMs));
    const body =
      request.body === undefined || typeof request.body === "string" ? request.body : JSON.stringify(request.body);
    return dispatcher.request({
      origin,
      path: prefix + pathOf(request),
      method: request.method,
      headers: {
        ...headers,
        accept: "application/json",
        "user-agent": userAgent,
        ...(body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
      },
      ...(body === undefined ? {} : { body: body as string }),
      headersTimeout: timeoutMs,
      bodyTimeout: stream ? 0 : timeoutMs,
      signal: AbortSignal.any(signals),
    });
  }

  /** Sends until there is an answer that asks for no wait, or whose wait would outlast the deadline. */
  async function exchange(request: ClusterRequest): Promise<Answer> {
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
    await waitForTurn(request);
    const deadline = timing.now() + timeoutMs;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await sendOnce(request, Math.max(1, deadline - timing.now()));
      const waitMs = retryDelayMs(answer, timing.now());
      if (waitMs === undefined || attempt >= mostRetries || timing.now() + waitMs >= deadline) return answer;
      await timing.sleep(waitMs, request.signal);
      await waitForTurn(request);
    }
  }

  async function sendOnce(request: ClusterRequest, timeoutMs: number): Promise<Answer> {
    try {
      const response = await send(request, Math.ceil(timeoutMs), false);
      return {
        status: response.statusCode,
        headers: flatHeaders(response.headers),
        text: await readText(response.body),
      };
    } catch (error) {
      throw failureOf(request, error);
    }
  }

  /** What was ended on purpose must not read like a fault of the server's. */
  function failureOf(request: ClusterRequest, error: unknown): KubestackError {
    const call = describe(request);
    const isStopped = closing.signal.aborted || request.signal?.aborted === true;
    if (!isStopped || error instanceof KubestackError) return networkFailureOf(call, error);
    return new KubestackError("cluster-unavailable", `Stopped to ${call.verb} ${call.object} at ${server}, as asked.`, {
      retry: "never",
      cause: error,
    });
  }

  const refusal = (request: ClusterRequest, answer: Answer) => refusalOf(describe(request), answer, timing.now());

  return {
    server,
    timing,
    exchange,
    refusal,
    async request<T>(request: ClusterRequest): Promise<T> {
      const answer = await exchange(request);
      if (answer.status < 200 || answer.status > 299) throw refusal(request, answer);
      try {
        return (answer.text === "" ? undefined : JSON.parse(answer.text)) as T;
      } catch (error) {
        throw networkFailureOf(describe(request), error);
      }
    },
    async openStream(request) {
      await waitForTurn(request);
      try {
        const response = await send(request, request.timeoutMs ?? defaultTimeoutMs, true);
        if (response.statusCode === 200)
          return { chunks: translated(response.body, (error) => failureOf(request, error)) };
        throw refusal(request, {
          status: response.statusCode,
          headers: flatHeaders(response.headers),
          text: await readText(response.body),
        });
      } catch (error) {
        throw failureOf(request, error);
      }
    },
    async close() {
      closing.abort();
      await credentials.close();
    },
  };
}

/** 429 is always safe to send again; a 503 only where the server says when. */
function retryDelayMs(answer: Answer, nowMs: number): number | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined;
  return retryAfterMs(answer.headers["retry-after"], nowMs) ?? (answer.status === 429 ? 1000 : undefined);
}

async function* translated(
  body: AsyncIterable<Uint8Array>,
  translate: (error: unknown) => KubestackError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw translate(error);
  }
}
