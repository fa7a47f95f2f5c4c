import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { KubestackError } from "@kubestack/contracts";

/** One request to a real part. */
export interface HttpRequest {
  readonly url: string;
  /** Default GET. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** Over the whole exchange. Default 15000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came back, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As text. */
  readonly body: string;
  /** As it came. */
  readonly bytes: Buffer;
}

/** A part's answer that is longer than this is a fault. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Sends one request on a connection of its own; redirects are not followed. Raises `not-found` (retry by back-off) if nothing answers in
 * time, which a caller that waits for a server to come up simply tries again.
 */
export function sendRequest(request: HttpRequest): Promise<HttpAnswer> {
  const url = new URL(request.url);
  const timeout = AbortSignal.timeout(request.timeoutMs ?? 15_000);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new KubestackError("not-found", `${request.method ?? "GET"} ${url.origin}${url.pathname} was not answered`, {
          cause,
        }),
      );
    const send = url.protocol === "https:" ? requestTls : requestPlain;
    const outgoing = send(
      url,
      {
        method: request.method ?? "GET",
        headers: { ...request.headers },
        agent: false,
        signal,
        ...(request.ca === undefined ? {} : { ca: request.ca }),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BODY_BYTES) outgoing.destroy(new Error(`the answer is longer than ${MAX_BODY_BYTES} bytes`));
          else chunks.push(chunk);
        });
        incoming.once("error", fail);
        incoming.once("end", () => {
          const bytes = Buffer.concat(chunks);
          const status = incoming.statusCode ?? 0;
          resolve({ status, headers: incoming.headers, body: bytes.toString("utf8"), bytes });
        });
      },
    );
    outgoing.once("error", fail);
    outgoing.end(request.body);
  });
}
