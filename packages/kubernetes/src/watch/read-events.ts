import type { Connection } from "../connection/connection.ts";
import { apiStatusOf } from "../connection/refusal.ts";
import { splitLines } from "./lines.ts";
import type { RawObject } from "./list-objects.ts";

/** How a watch ended: in its time, after silence, or because the server says that a new list is needed. */
export type WatchEnd = { readonly kind: "closed" | "silent" } | { readonly kind: "relist"; readonly why: string };

export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: RawObject }
  | { readonly type: "BOOKMARK"; readonly revision: string };

export interface WatchPlan {
  readonly connection: Connection;
  readonly path: string;
  readonly selectors: Readonly<Record<string, string | undefined>>;
  readonly revision: string;
  /** The server ends the watch after this time. */
  readonly timeoutSeconds: number;
  readonly silenceMs: number;
  readonly largestEventBytes: number;
  /** Ends the watch; the promise then rejects. */
  readonly signal: AbortSignal;
  readonly onOpen: () => void;
  readonly onEvent: (event: WatchEvent) => void;
}

/**
 * One watch request from its opening to its end. A stream that is silent is ended here without an error: bookmarks come each
 * minute at best, and with an old etcd not at all, so silence may be health. Raises what the connection raises.
 */
export async function readEvents(plan: WatchPlan): Promise<WatchEnd> {
  const ending = new AbortController();
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    ending.abort();
  }, plan.silenceMs);
  try {
    const { chunks } = await plan.connection.openStream({
      method: "GET",
      path: plan.path,
      query: {
        ...plan.selectors,
        watch: 1,
        allowWatchBookmarks: true,
        resourceVersion: plan.revision,
        timeoutSeconds: plan.timeoutSeconds,
      },
      signal: AbortSignal.any([plan.signal, ending.signal]),
    });
    plan.onOpen();
    for await (const line of splitLines(refreshing(chunks, timer), plan.largestEventBytes)) {
      const why = readLine(line, plan.onEvent);
      if (why !== undefined) return { kind: "relist", why };
    }
    return { kind: "closed" };
  } catch (error) {
    if (silent) return { kind: "silent" };
    throw error;
  } finally {
    clearTimeout(timer);
    // Leaves no half-read stream behind, whichever way the loop ended.
    ending.abort();
  }
}

async function* refreshing(chunks: AsyncIterable<Uint8Array>, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    timer.refresh();
    yield chunk;
  }
}

/** Hands one event on; answers why a new list is needed, where it is. */
function readLine(line: string, onEvent: (event: WatchEvent) => void): string | undefined {
  const { type, object } = JSON.parse(line) as { type?: unknown; object?: unknown };
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      onEvent({ type, object: object as RawObject });
      return undefined;
    case "BOOKMARK":
      onEvent({ type, revision: (object as RawObject).metadata.resourceVersion });
      return undefined;
    default: {
      const { reason, message } = apiStatusOf(JSON.stringify(object ?? {}));
      return [String(type), reason, message].filter((part) => part !== "").join(" ");
    }
  }
}
