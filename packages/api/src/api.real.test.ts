import { type Bus, connectBus, inspectNats } from "@kubestack/bus";
import {
  channels,
  commands,
  type ExplanationMessage,
  explanationSchema,
  hasCode,
  keys,
  type SlaveRecord,
  serviceNames,
  statusCommands,
  subjects,
} from "@kubestack/contracts";
import { demand, item, masterStatus, plan, serviceStatus, slave } from "@kubestack/explain/testing";
import { createMeter, Readiness } from "@kubestack/metrics";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { type Line, listeningLog, manualTiming } from "@kubestack/runtime/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Api, startApi } from "./service.ts";

let nats: NatsServer;
/** The test's own way to NATS, and that of the service. */
let bus: Bus;
let own: Bus;
let api: Api;
let url: string;
let isConnected = true;
const readiness = new Readiness();
const lines: Line[] = [];
const log = listeningLog(lines);
/** By which it is told how old what was seen is. */
const timing = manualTiming();

beforeAll(async () => {
  nats = await startNatsServer();
  [bus, own] = await Promise.all([
    connectBus({ servers: [nats.url], name: "world" }),
    connectBus({
      servers: [nats.url],
      name: "api",
      onConnection: (now) => {
        isConnected = now;
      },
    }),
  ]);
  readiness.require("nats", () => ({ isReady: isConnected, detail: isConnected ? "connected" : "away" }));
  for (const name of serviceNames) {
    const service = await bus.serve(name, "0.1.0");
    service.answer(statusCommands[name], () => serviceStatus(name, [masterStatus("backend")]));
  }
  await bus.leases.create(keys.lease("slave-supervisor", "backend"), { holder: "kubestackd-1a2b3c4d" });
  await queue("412", "held", "template maven is held: ErrImagePull");
  api = await startApi({
    ...{ bus: own, version: "1.2.3", listen: "127.0.0.1:0", log, timing },
    ...{ meter: createMeter(), readiness },
  });
  url = await api.listening;
});

afterAll(async () => {
  await api?.stop();
  await Promise.all([own?.close(), bus?.close()]);
  await nats?.stop();
});

/** One build waits at the master, and a supervisor says why. */
async function queue(id: string, code: string, reason: string): Promise<void> {
  const waiting = item(id, { waitingSince: Date.now() - 41_000 });
  await bus.publish(channels.demand, subjects.demand("backend"), demand("backend", [waiting]));
  await bus.publish(channels.plan, subjects.plan("backend"), plan("backend", [[id, code, reason]]));
}

async function get(path: string): Promise<{ status: number; body: { error?: { code: string; message: string } } }> {
  const answer = await fetch(`${url}${path}`);
  return { status: answer.status, body: (await answer.json()) as never };
}
const asked = async (what: string) => (await get(`/api/v1/explain?what=${encodeURIComponent(what)}`)).body;
const overNats = (what: string): Promise<ExplanationMessage> => bus.request(commands.explain, { what });
/** Without what differs from one moment to the next. */
const lasting = ({ asOf: _, ...rest }: ExplanationMessage) => JSON.stringify(rest).replace(/waits \d+s/g, "waits");

test("NATS and HTTP give the very same answer, in the form that is published", async () => {
  const [http, micro] = await Promise.all([asked("412"), overNats("412")]);
  const answer = explanationSchema.parse(http);
  expect(lasting(answer)).toBe(lasting(micro));
  expect(answer.sentence).toMatch(
    /^shop\/api \(queue item 412 of backend\) waits 4\ds for an agent: template maven is held: ErrImagePull\.$/,
  );
  expect(Math.abs(Date.parse(answer.asOf) - Date.now())).toBeLessThan(5000);
});

test("what is not known is told alike, as an error", async () => {
  const refused = await overNats("nothing").catch((error: unknown) => error);
  expect(hasCode(refused, "not-found")).toBe(true);
  expect(await get("/api/v1/explain?what=nothing")).toEqual({
    status: 404,
    body: { error: { code: "not-found", message: (refused as Error).message } },
  });
  expect(await get("/api/v1/explain?what=412&master=mobile")).toMatchObject({ status: 404 });
});

test("what is true a second later is told a second later", async () => {
  await asked("412");
  await queue("413", "cap", "template maven is at its cap: 200/200 slaves");
  expect(await asked("412")).toMatchObject({ kind: "item", name: "412" });
  await timing.advance(1000);
  expect(await asked("413")).toMatchObject({ kind: "item", name: "413" });
});

test("a request over NATS that is too long, or none, is refused and breaks nothing", async () => {
  const subject = { ...commands.explain, request: { parse: (any: unknown) => any } as never };
  for (const request of [{ what: "x".repeat(5000) }, { what: 7 }, [], null, { what: "a", master: "" }])
    await expect(bus.request(subject, request as never)).rejects.toThrow();
  expect((await overNats("413")).kind).toBe("item");
});

test("it is a NATS micro service as the others are", async () => {
  const { services } = await inspectNats({ servers: [nats.url], name: "test" });
  expect(services).toContainEqual(expect.objectContaining({ name: "api", version: "1.2.3" }));
});

describe("with 2,000 slaves", () => {
  const count = 2000;

  beforeAll(async () => {
    const now = Date.now();
    const records = Array.from({ length: count }, (_, at) =>
      slave(`ks-backend-${at.toString(36)}`, at % 4 === 0 ? "busy" : "deleted", { since: now - 1000 }),
    );
    for (let at = 0; at < count; at += 250) await Promise.all(records.slice(at, at + 250).map(keep));
  });

  async function keep({ op: _op, ...record }: SlaveRecord): Promise<void> {
    await bus.slaves.create(keys.slave(record.master, record.name), record);
  }

  test("an answer takes a blink, and a hundred at once take hardly longer", async () => {
    await timing.advance(1000);
    const first = await timed(async () =>
      expect(JSON.stringify(await asked("backend"))).toContain("500 of its slaves live"),
    );
    await timing.advance(1000);
    const next = await timed(() => overNats("backend"));
    await timing.advance(1000);
    const hundred = await timed(() => Promise.all(Array.from({ length: 100 }, () => asked("ks-backend-0"))));
    // Measured 0.3 s each, of which a quarter of a second is for services to answer; the rest is for a busy machine.
    for (const ms of [first, next, hundred]) expect(ms).toBeLessThan(3000);
  });
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return Math.round(performance.now() - from);
}

test("while NATS is away it says so at once, is not ready, and goes on when NATS is back", async () => {
  await nats.stopServer();
  await vi.waitFor(() => expect(isConnected).toBe(false), { timeout: 10_000 });
  const from = performance.now();
  expect(await get("/api/v1/explain?what=413")).toMatchObject({
    status: 503,
    body: { error: { code: "bus-unavailable", message: expect.stringContaining("NATS is away") } },
  });
  expect(performance.now() - from).toBeLessThan(1000);
  expect((await get("/readyz")).status).toBe(503);
  expect((await get("/healthz")).status).toBe(200);
  await nats.startServer();
  await vi.waitFor(async () => expect((await get("/api/v1/explain?what=413")).status).toBe(200), {
    timeout: 20_000,
    interval: 200,
  });
});

test("at its end those who ask are answered or let go, and NATS knows it no more", async () => {
  const waiting = asked("413").catch((error: unknown) => error);
  await api.stop();
  expect(await waiting).toSatisfy((answer) => answer instanceof Error || JSON.stringify(answer).includes("413"));
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  await expect(overNats("413")).rejects.toThrow(/Nobody answers/);
  const told = lines.filter(({ level }) => level === "warn" || level === "error");
  expect(told).toEqual([]);
});
