import { buckets } from "@kubestack/contracts";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bus, connectBus } from "./bus.ts";

let server: NatsServer;
let bus: Bus;
let admin: NatsConnection;

beforeEach(async () => {
  server = await startNatsServer();
  bus = await connectBus({ servers: [server.url], name: "one" });
  admin = await connect({ servers: server.url });
});

afterEach(async () => {
  await admin.close();
  await bus.close();
  await server.stop();
});

const stream = `KV_${buckets.leases.name}`;
const holder = { holder: "one" };

/** Gives the bucket no more room than it takes now, or as much as it had. */
async function limit(maxBytes: "none left" | "as before"): Promise<void> {
  const jsm = await jetstreamManager(admin);
  const { state } = await jsm.streams.info(stream);
  await jsm.streams.update(stream, { max_bytes: maxBytes === "none left" ? state.bytes : buckets.leases.maxBytes });
}

test("a store that is full keeps what it has, says so of each write, and goes on once it has room", async () => {
  const entry = await bus.leases.create("a", holder);
  await limit("none left");
  for (const write of [
    () => bus.leases.create("b", holder),
    () => bus.leases.update(entry, { holder: "a longer name" }),
  ])
    await expect(write()).rejects.toMatchObject({
      code: "bus-unavailable",
      message: expect.stringMatching(/^NATS takes no write into bucket kubestack_leases: maximum bytes exceeded/),
    });
  expect((await bus.leases.get("a"))?.revision).toBe(entry.revision);
  await limit("as before");
  await bus.leases.update(entry, holder);
  await bus.leases.create("b", holder);
});
