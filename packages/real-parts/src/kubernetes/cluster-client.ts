import { KubestackError } from "@kubestack/contracts";
import { type HttpAnswer, sendRequest } from "../http/request.ts";

/** One call to the API server of a world. */
export interface ClusterCall {
  /** Default GET. */
  readonly method?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: the administrator's. An empty string sends none. */
  readonly token?: string | undefined;
  /** Default `application/json`; patches need their own. */
  readonly contentType?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** How a test or the sandbox speaks to a world's API server, as its administrator unless it says otherwise. */
export interface ClusterClient {
  /** Gives the answer, whatever its status. `path` begins with `/api` or `/apis`. Raises `not-found` if nothing answers. */
  call(path: string, call?: ClusterCall): Promise<HttpAnswer>;
  /** Gives the answer's JSON. Raises `cluster-refused` with the server's own sentence for every status that is not 2xx. */
  json(path: string, call?: ClusterCall): Promise<unknown>;
}

/** Where the server is, what to trust, and the token to use unless a call names another. */
export interface ClusterAddress {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

/** A client of the server at `address`. */
export function clusterClient(address: ClusterAddress): ClusterClient {
  const call = (path: string, options: ClusterCall = {}) => {
    const token = options.token ?? address.token;
    return sendRequest({
      url: `${address.url}${path}`,
      method: options.method,
      ca: address.ca,
      timeoutMs: options.timeoutMs,
      headers: {
        accept: "application/json",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(options.body === undefined ? {} : { "content-type": options.contentType ?? "application/json" }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  };
  return {
    call,
    async json(path, options = {}) {
      const answer = await call(path, options);
      if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.body);
      throw new KubestackError(
        "cluster-refused",
        `${options.method ?? "GET"} ${path} was answered ${answer.status}: ${messageOf(answer.body)}`,
        { retry: "never" },
      );
    },
  };
}

/** The sentence in a Kubernetes Status, else the start of the text. */
function messageOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    if (typeof status === "object" && status !== null && "message" in status) return String(status.message);
  } catch {
    // not JSON
  }
  return body.slice(0, 300);
}
