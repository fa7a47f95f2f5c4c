import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the scripted server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Script = (request: SeenRequest, response: ServerResponse) => void;

/** An API server that says what a test tells it to. */
export interface ScriptedApi {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Replaces the script. */
  answer(script: Script): void;
  stop(): Promise<void>;
}

export async function startScriptedApi(first: Script): Promise<ScriptedApi> {
  let script = first;
  const seen: SeenRequest[] = [];
  const server = createServer((message, response) => {
    let body = "";
    message.setEncoding("utf8");
    message.on("data", (part: string) => {
      body += part;
    });
    message.on("end", () => {
      const { pathname, searchParams } = new URL(message.url ?? "/", "http://server");
      const request = {
        method: message.method ?? "",
        path: pathname,
        query: searchParams,
        headers: message.headers,
        body,
      };
      seen.push(request);
      script(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer(next) {
      script = next;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** The `Status` object of an error. */
export function statusBody(code: number, reason: string, message: string) {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message };
}
