import { connectNats } from "./connection.ts";
import { storeNames } from "./stores.ts";

/** Deletes streams at a server, of buckets too, every one unless some are named; as somebody with a NATS client might: for tests of what comes of that. */
export async function deleteStores(url: string, names: readonly string[] = storeNames): Promise<void> {
  const { nc, jsm } = await connectNats({ servers: [url], name: "somebody" });
  for (const name of names) await jsm.streams.delete(name);
  await nc.close();
}
