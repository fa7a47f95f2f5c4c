import { randomBytes } from "node:crypto";
import { type Bus, connectBus } from "@kubestack/bus";
import { channels, type Demand, subjects } from "@kubestack/contracts";
import { AdminClient, connectSubmitter } from "@kubestack/gearman";
import { type Gearmand, type NatsServer, startGearmand, startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { MasterCollector } from "../../master-collector.ts";

let nats: NatsServer;
let server: Gearmand;
let bus: Bus;

beforeAll(async () => {
  [nats, server] = await Promise.all([startNatsServer(), startGearmand()]);
  bus = await connectBus({ servers: [nats.url], name: "test" });
});
afterAll(async () => {
  await bus?.close();
  await Promise.all([nats?.stop(), server?.stop()]);
});

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

/** A collector of the Gearman server, under a name of its own, and what it published last. */
async function collected(name: string) {
  const service = await bus.serve("demand-collector", "1.0.0");
  const heard: Demand[] = [];
  const stopHearing = bus.subscribe(channels.demand, subjects.demand(name), ({ data }) => heard.push(data));
  const collector = new MasterCollector({
    name,
    master: undefined,
    listeners: [{ type: "gearman", host: server.host, port: server.port, interval: 250 }],
    bus,
    service,
    log: createLogger({ level: "silent" }),
    timing: systemTiming,
  });
  const stop = async () => {
    stopHearing();
    await collector.stop();
    await service.stop();
  };
  const latest = () => heard.at(-1)?.sources[0];
  const shows = (expected: object) => vi.waitFor(() => expect(latest()).toMatchObject(expected), 10_000);
  return { collector, latest, shows, stop };
}

test("rounds of a Gearman server are published as counts, unknown while it is dead, and over with the collector", async () => {
  const { collector, shows, stop } = await collected("zuul");
  try {
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
  } finally {
    await stop();
  }
  await vi.waitFor(async () => expect(await connections()).toBe(0));
});

test("a flood of the longest names and labels is published, too", async () => {
  const client = await connectSubmitter(server);
  // Names like no other: what can't be packed small.
  const noise = (length: number) => randomBytes(length).toString("base64url").slice(0, length);
  const names = Array.from({ length: 6_000 }, () => `build:${noise(120)}:${noise(20)}`);
  await Promise.all(names.map((name) => client.submit({ function: name, unique: "", data: "" })));
  client.close();
  const { latest, shows, stop } = await collected("flooded");
  try {
    await shows({ state: "ok" });
    await vi.waitFor(() => expect(latest()?.items).toHaveLength(5_000), 10_000);
  } finally {
    await stop();
  }
});
