import type { Connection } from "./connection.ts";
import { tellConnection } from "./connection-news.ts";
import { makeStores, storeNames } from "./stores.ts";

export interface StoreWatch {
  mend(): Promise<void>;
  onReconnect(handle: () => void): () => void;
}

/**
 * Sees to it that a store that was lost is made anew: after each break of the connection, for the server may have come back
 * without it, and whenever somebody asks.
 */
export function watchStores(
  connection: Connection,
  { replicas, makesStores = true }: { readonly replicas?: number; readonly makesStores?: boolean },
): StoreWatch {
  const { nc, jsm } = connection;
  const handlers = new Set<() => void>();
  const mend = async (): Promise<void> => {
    const there = new Set<string>();
    for await (const name of jsm.streams.names()) there.add(name);
    if (makesStores && storeNames.some((name) => !there.has(name))) await makeStores(connection, replicas);
  };
  void tellConnection(nc, async (isConnected) => {
    if (!isConnected) return;
    // A server that is not ready yet is asked again by whoever needs its store.
    await mend().catch(() => undefined);
    for (const handle of handlers) handle();
  });
  return {
    mend,
    onReconnect: (handle) => {
      handlers.add(handle);
      return () => void handlers.delete(handle);
    },
  };
}
