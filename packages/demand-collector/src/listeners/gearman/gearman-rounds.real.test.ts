import { randomBytes } from "node:crypto";
import { AdminClient, connectSubmitter } from "@kubestack/gearman";
import { type Gearmand, startGearmand } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Bed } from "../../bed.fixture.ts";

const bed = new Bed("zuul-");
let server: Gearmand;

beforeAll(async () => {
  server = await startGearmand();
});
afterAll(() => server?.stop());

/** How many connections the Gearman server has besides the one that asks. */
async function connections(): Promise<number> {
  const client = new AdminClient(server);
  let count = -1;
  await client.workers(() => {
    count += 1;
  });
  client.close();
  return count;
}

function collected() {
  const { host, port } = server;
  return bed.collected({ listeners: [{ type: "gearman", host, port, interval: 250 }] });
}

test("rounds of a Gearman server are published as counts, unknown while it is dead, and over with the collector", async () => {
  const { collector, shows, stop } = await collected();
  await shows({ name: "gearman", state: "ok", supply: "counts", intervalMs: 250, items: [] });
  const client = await connectSubmitter(server);
  await client.submit({ function: "build:a:linux", unique: "", data: "" });
  await shows({
    state: "ok",
    items: [{ id: "build:a:linux#1", wants: { kind: "expression", expression: "linux" } }],
  });
  client.close();

  server.process().send("SIGKILL");
  await shows({ state: "unknown", problem: { code: "master-unavailable" } });
  expect(collector.status()).toMatchObject({ state: "unreachable", waiting: null });
  await server.startServer();
  await shows({ state: "ok", items: [] });
  expect(await connections()).toBe(1);
  await stop();
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});

test("a flood of the longest names and labels is published, too", async () => {
  const client = await connectSubmitter(server);
  // Names like no other: what can't be packed small.
  const noise = (length: number) => randomBytes(length).toString("base64url").slice(0, length);
  const names = Array.from({ length: 6_000 }, () => `build:${noise(120)}:${noise(20)}`);
  await Promise.all(names.map((name) => client.submit({ function: name, unique: "", data: "" })));
  client.close();
  const { shown, shows } = await collected();
  await shows({ state: "ok" });
  await vi.waitFor(() => expect(shown()?.items).toHaveLength(5_000), 10_000);
});
