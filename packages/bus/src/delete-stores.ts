import { connectNats } from "./connection.ts";
import { storeNames } from "./stores.ts";

/** Deletes every stream and bucket at a server, as somebody with a NATS client might: for tests of what comes of that. */
export async function deleteStores(url: string): Promise<void> {
  const { nc, jsm } = await connectNats({ servers: [url], name: "somebody" });
  for (const name of storeNames) await jsm.streams.delete(name);
  await nc.close();
}
