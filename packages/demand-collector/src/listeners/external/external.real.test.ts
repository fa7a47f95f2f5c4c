import { type Bus, connectBus } from "@kubestack/bus";
import { channels, type Demand, type DemandSource, subjects } from "@kubestack/contracts";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { awayError, fakeMaster } from "../../master.fixture.ts";
import { MasterCollector } from "../../master-collector.ts";
import { queueEntry } from "../jenkins-queue/queue-entry.fixture.ts";

let server: NatsServer;
let bus: Bus;
const ends: (() => Promise<void>)[] = [];
const master = fakeMaster();
const external = { type: "external", maxAge: 300_000, interval: 60_000 } as const;
const queue = { type: "jenkins-queue", interval: 250 } as const;

beforeAll(async () => {
  server = await startNatsServer();
  bus = await connectBus({ servers: [server.url], name: "test" });
});
afterAll(async () => {
  await bus?.close();
  await server?.stop();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  Object.assign(master, { failure: undefined, queue: [] });
});

let names = 0;

/** A collector of a master of its own, and what it published last. */
async function collected(listeners: ConstructorParameters<typeof MasterCollector>[0]["listeners"], ofJenkins = true) {
  names += 1;
  const name = `own-${names}`;
  const service = await bus.serve("demand-collector", "1.0.0");
  const log = createLogger({ level: "silent" });
  const own = ofJenkins ? { ...master, close: () => undefined } : undefined;
  const heard: Demand[] = [];
  const stopHearing = bus.subscribe(channels.demand, subjects.demand(name), ({ data }) => heard.push(data));
  const collector = new MasterCollector({ name, master: own, listeners, bus, service, log, timing: systemTiming });
  ends.push(async () => {
    stopHearing();
    await collector.stop();
    await service.stop();
  });
  const shown = (source: string): DemandSource | undefined => heard.at(-1)?.sources.find((one) => one.name === source);
  /** Waits until a source shows so many items; `unknown` where it does not answer. */
  const shows = (source: string, expected: number | "unknown") =>
    vi.waitFor(() => {
      const { state, items = [] } = shown(source) ?? {};
      expect(state === "unknown" ? state : state && items.length).toBe(expected);
    }, 10_000);
  const send = (data: object) => bus.publish(channels.externalDemand, subjects.externalDemand(name), data as never);
  return { name, collector, shown, shows, send };
}

describe("a system of one's own, whose master is no Jenkins", () => {
  test("is unknown until it sends, then shows what it sends, whole, and at once", async () => {
    const { shows, shown, send, collector } = await collected([external], false);
    await shows("external", "unknown");
    expect(collector.status()).toMatchObject({ waiting: null });
    await send({ items: [{ id: "1", label: "python && fast" }, { id: "2" }] });
    await shows("external", 2);
    expect(shown("external")).toMatchObject({ supply: "items", session: null, intervalMs: 60_000 });
    expect(shown("external")?.items.map(({ wants }) => wants)).toEqual([
      { kind: "expression", expression: "python && fast" },
      { kind: "any" },
    ]);
    await send({ items: [] });
    await shows("external", 0);
    expect(collector.status()).toMatchObject({ waiting: 0, state: "ok" });
  });

  test("what nobody can read is unknown, never nothing; the next message mends it", async () => {
    const { name, shows, send } = await collected([{ ...external, interval: 250 }], false);
    await send({ items: [{ id: "1" }] });
    await shows("external", 1);
    await bus.publish(channels.externalDemand, subjects.externalDemand(name), { items: "none" } as never);
    await shows("external", "unknown");
    await send({ items: [] });
    await shows("external", 0);
  });

  test("an old message says nothing any more", async () => {
    const { shows, send } = await collected([{ ...external, maxAge: 1_000, interval: 250 }], false);
    await send({ items: [{ id: "1" }] });
    await shows("external", 1);
    await shows("external", "unknown");
  });

  test("a collector that is started anew knows what was sent before", async () => {
    const first = await collected([external], false);
    await first.send({ items: [{ id: "1" }] });
    await first.shows("external", 1);
    await first.collector.stop();
    names -= 1;
    const second = await collected([external], false);
    await second.shows("external", 1);
  });
});

describe("beside a Jenkins", () => {
  test("each source has rounds of its own in one message, and one that is away takes nothing from the other", async () => {
    master.queue = [queueEntry("7", "waits")];
    const { shows, send, collector } = await collected([queue, external]);
    await shows("jenkins-queue", 1);
    await shows("external", "unknown");
    expect(collector.status().detail).toMatch(/^answers; external: /);
    await send({ items: [{ id: "1" }] });
    await shows("external", 1);
    expect(collector.status()).toMatchObject({ waiting: 2, detail: "answers" });
  });

  test("a Jenkins that is away leaves the other source as it is", async () => {
    const { shows, shown, send } = await collected([queue, external]);
    await send({ items: [{ id: "1" }] });
    await shows("external", 1);
    master.failure = awayError;
    await shows("jenkins-queue", "unknown");
    expect(shown("external")).toMatchObject({ state: "ok", items: [{ id: "1" }] });
  });
});
