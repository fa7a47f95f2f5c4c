import type { Connection } from "../connection/connection.ts";

export interface PodLogOptions {
  readonly container?: string;
  /** Lines from the end. Default 200. */
  readonly tailLines?: number;
  /** The server sends no more than this. Default 256 KiB. */
  readonly limitBytes?: number;
  /** Default: the connection's. */
  readonly timeoutMs?: number;
  /** Of the run before a restart. */
  readonly previous?: boolean;
}

export interface PodLogCalls {
  /** The end of a container's log, as text. It is what the build's own programs wrote: it may hold anything. */
  podLog(namespace: string, name: string, options?: PodLogOptions): Promise<string>;
}

/** One bounded read. Never a follow: the library's follow ends the process when the connection drops. */
export function podLogCalls(connection: Connection): PodLogCalls {
  return {
    async podLog(namespace, name, options = {}) {
      const request = {
        method: "GET",
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`,
        query: {
          container: options.container,
          tailLines: options.tailLines ?? 200,
          limitBytes: options.limitBytes ?? 256 * 1024,
          previous: options.previous,
        },
        ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      } as const;
      const answer = await connection.exchange(request);
      if (answer.status !== 200) throw connection.refusal(request, answer);
      return answer.text;
    },
  };
}
