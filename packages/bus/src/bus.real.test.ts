import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { channels, commands, hasCode, keys, type SlaveEventMessage, subjects } from "@kubestack/contracts";
import { natsServerBinary } from "@kubestack/real-parts";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Bucket } from "./bucket.ts";
import { type Bus, connectBus } from "./bus.ts";
import { type NatsServer, startNatsServer } from "./server.ts";
import type { Entry } from "./stored-values.ts";

let dir: string;
let server: NatsServer;
let bus: Bus;
let other: Bus;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-bus-"));
  server = await startNatsServer({ binary: await natsServerBinary(), storeDir: dir });
  const connect = (name: string): Promise<Bus> => connectBus({ servers: [server.url], name });
  [bus, other] = await Promise.all([connect("one"), connect("two")]);
});

afterAll(async () => {
  await Promise.all([bus?.close(), other?.close()]);
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

function slaveEvent(slave: string): SlaveEventMessage {
  return {
    slave,
    master: "m",
    template: "python",
    state: "requested",
    previous: null,
    reason: "for a test",
    at: 1,
    afterMs: null,
    step: 0,
    pod: { namespace: "ci", uid: null, node: null },
    build: null,
    outcome: null,
  };
}

const subject = subjects.slave({ master: "m", template: "python", state: "requested" });

describe("messages", () => {
  test("an ordinary NATS client reads a CloudEvent as it stands", async () => {
    const plain = await connect({ servers: server.url });
    const heard = new Promise<Record<string, unknown>>((resolve) => {
      plain.subscribe("kubestack.>", { max: 1, callback: (_, message) => resolve(message.json()) });
    });
    await plain.flush();
    await bus.publish(channels.slave, subject, slaveEvent("ks-m-1"), { id: "ks-m-1/0" });
    expect(await heard).toMatchObject({
      specversion: "1.0",
      id: "ks-m-1/0",
      type: "io.kubestack.slave",
      subject,
      data: { slave: "ks-m-1", reason: "for a test" },
    });
    await plain.close();
  });

  test("the same id is kept once, and history returns it", async () => {
    const first = await bus.publish(channels.slave, subject, slaveEvent("twice"), { id: "twice/0" });
    expect(await bus.publish(channels.slave, subject, slaveEvent("twice"), { id: "twice/0" })).toBe(first);
    const kept = await bus.history(channels.slave, subjects.allSlaves, { limit: 100 });
    expect(kept.filter(({ data }) => data.slave === "twice")).toHaveLength(1);
    expect((await bus.history(channels.slave, subjects.allSlaves, { limit: 1 })).map(({ data }) => data.slave)).toEqual(
      ["twice"],
    );
  });

  test("a paused publisher can't overwrite what its successor published", async () => {
    const demand = (round: number) => ({
      master: "h10",
      sources: [
        {
          name: "jenkins-queue",
          term: 1,
          round,
          readAt: 0,
          queueReadAt: 0,
          state: "ok" as const,
          session: null,
          quietingDown: false,
          items: [],
        },
      ],
    });
    const first = await bus.publish(channels.demand, subjects.demand("h10"), demand(1), { after: 0 });
    await other.publish(channels.demand, subjects.demand("h10"), demand(2), { after: first });
    const late = bus.publish(channels.demand, subjects.demand("h10"), demand(1), { after: first });
    await expect(late).rejects.toSatisfy((error) => hasCode(error, "stale-revision"));
    const last = await bus.readLast(channels.demand, subjects.demand("h10"));
    expect(last?.data.sources[0]?.round).toBe(2);
    expect(Math.abs((last?.publishedAt ?? 0) - Date.now())).toBeLessThan(5000);
  });

  test("a round of eight thousand items is one message, whole (H12)", async () => {
    const items = Array.from({ length: 8_000 }, (_, number) => ({
      id: String(40_000 + number),
      job: `team-${number % 37}/service-${number % 411}/${(number * 2_654_435_761) % 4_294_967_296}`,
      url: `https://ci.example.org/job/team-${number % 37}/job/service-${number % 411}/`,
      wants: { kind: "expression" as const, expression: number % 2 === 0 ? "maven && jdk21" : "python" },
      labelOrigin: "labelExpression" as const,
      waitingSince: 1_700_000_000_000 + number * 977,
      why: "Waiting for next available executor on ‘maven&&jdk21’",
    }));
    const read = { term: 1, round: 1, readAt: 1, queueReadAt: 2, state: "ok" as const, session: "s" };
    const source = { name: "jenkins-queue", ...read, quietingDown: false, items, computers: [] };
    await bus.publish(channels.demand, subjects.demand("crowd"), { master: "crowd", sources: [source] });
    const last = await other.readLast(channels.demand, subjects.demand("crowd"));
    expect(last?.data.sources[0]?.items).toEqual(items);
  });

  test("what can't be read is told and stops nothing", async () => {
    const problems: string[] = [];
    const third = await connectBus({
      servers: [server.url],
      name: "three",
      onUnreadable: ({ message }) => problems.push(message),
    });
    const heard = new Promise<string>((resolve) => {
      third.subscribe(channels.slave, subjects.allSlaves, ({ data }) => resolve(data.slave));
    });
    const plain = await connect({ servers: server.url });
    await plain.request(subject, "no json", { timeout: 2000 });
    await bus.publish(channels.slave, subject, slaveEvent("after"));
    expect(await heard).toBe("after");
    expect(problems[0]).toContain("kubestack.slave.<master>.<template>.<state>");
    await Promise.all([third.close(), plain.close()]);
  });
});

describe("history", () => {
  test("is read in pieces, from a time on, and ends although more is published meanwhile", async () => {
    const of = (step: number) =>
      bus.publish(channels.slave, subjects.slave({ master: "long", template: "t", state: "busy" }), {
        ...slaveEvent("long"),
        step,
      });
    await Promise.all(Array.from({ length: 1200 }, (_, step) => of(step)));
    const all = await bus.history(channels.slave, subjects.slavesOf("long"), { limit: 5000 });
    expect(all).toHaveLength(1200);
    const middle = all[1100];
    const since = await bus.history(channels.slave, subjects.slavesOf("long"), {
      limit: 5000,
      since: (middle?.publishedAt ?? 0) + 1,
    });
    expect(since.length).toBeLessThan(200);
    expect(since.at(-1)?.sequence).toBe(all.at(-1)?.sequence);
    expect(await bus.history(channels.slave, subjects.slavesOf("nobody"), { limit: 5 })).toEqual([]);
  });
});

describe("a bus that only reads", () => {
  test("makes nothing, and says so where nothing is there", async () => {
    const empty = await mkdtemp(join(tmpdir(), "kubestack-bus-"));
    const alone = await startNatsServer({ binary: await natsServerBinary(), storeDir: empty });
    const reading = connectBus({ servers: [alone.url], name: "reader", makesStores: false });
    await expect(reading).rejects.toThrow(/no KubeStack has run/);
    await alone.stop();
    await rm(empty, { recursive: true, force: true });
  });
});

describe("records", () => {
  const ledger = (master: string) => ({ version: 1, master, owner: "a", term: 1, epoch: "0000", next: 1, live: [] });

  test("create, update by revision, refuse the stale, remove, create again", async () => {
    const made = await bus.ledger.create("crud", ledger("crud"));
    await expect(other.ledger.create("crud", ledger("crud"))).rejects.toSatisfy((error) =>
      hasCode(error, "already-exists"),
    );
    const next = await other.ledger.update(made, { ...made.value, next: 2 });
    await expect(bus.ledger.update(made, { ...made.value, next: 9 })).rejects.toSatisfy((error) =>
      hasCode(error, "stale-revision"),
    );
    expect((await bus.ledger.get("crud"))?.value.next).toBe(2);
    await bus.ledger.remove("crud", next.revision);
    expect(await bus.ledger.get("crud")).toBeUndefined();
    expect((await bus.ledger.create("crud", ledger("crud"))).value.next).toBe(1);
  });

  test("of many writers with one revision exactly one wins", async () => {
    const made = await bus.ledger.create("race", ledger("race"));
    const tries = Array.from({ length: 20 }, (_, next) =>
      (next % 2 === 0 ? bus : other).ledger.update(made, { ...made.value, next }),
    );
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("a ledger of five thousand slaves is kept, though no message may be so long", async () => {
    const living = {
      nonce: "0123456789ab",
      template: "maven-jdk21",
      labels: ["maven", "jdk21", "linux"],
      item: { id: "4711", job: "team/service/main", url: "https://ci.example.org/job/team/job/service/", seenAt: 1e12 },
      at: 1e12,
      reason: "for team/service/main, queue item 4711, which waits for maven && jdk21",
    };
    const live = Array.from({ length: 5_000 }, (_, number) => ({ ...living, number }));
    const made = await bus.ledger.create("large", { ...ledger("large"), live });
    expect((await other.ledger.get("large"))?.value.live).toEqual(live);
    const [listed] = await other.ledger.list("large");
    expect(listed?.value).toEqual(made.value);
    const next = await other.ledger.update(made, { ...made.value, live: live.slice(1) });
    expect((await bus.ledger.get("large"))?.value).toEqual(next.value);
    await bus.ledger.remove("large", next.revision);
  });

  test("what changed after a revision is told by key: written, removed, and run out", async () => {
    const job = { source: "own", name: "n", url: "", labels: null, state: "waiting", attempt: 0, since: 1 } as const;
    const key = (id: string) => keys.hookedJob("m", id);
    const write = (id: string, ttlMs?: number) =>
      bus.hooks.create(key(id), { id, ...job }, ttlMs === undefined ? {} : { ttlMs });
    const changes = async (after: number) => {
      const told: Record<string, string | undefined> = {};
      const handle = (at: string, entry: { value: { id: string } } | undefined) => {
        told[at] = entry?.value.id;
      };
      await other.hooks.changes({ filter: keys.hookedJobsOf("m"), after, handle });
      return told;
    };
    expect(await changes(0)).toEqual({});
    const [one] = [await write("one"), await write("two"), await write("short", 1000)];
    await bus.hooks.create(keys.hookedJob("n", "other"), { id: "other", ...job });
    const { lastRevision } = await bus.hooks.info();
    expect(await changes(0)).toEqual({ [key("one")]: "one", [key("two")]: "two", [key("short")]: "short" });
    expect(await changes(lastRevision)).toEqual({});
    await bus.hooks.remove(key("one"), one.revision);
    await write("three");
    await vi.waitFor(async () => expect(await changes(lastRevision)).toHaveProperty([key("short")]), 10_000);
    expect(await changes(lastRevision)).toEqual({
      [key("one")]: undefined,
      [key("three")]: "three",
      [key("short")]: undefined,
    });
  });

  test("list is complete, filtered, and ends on an empty bucket (H2)", async () => {
    expect(await bus.slaves.list()).toEqual([]);
    await Promise.all(["list-a", "list-b", "list-c"].map((key) => bus.ledger.create(key, ledger(key))));
    const all = await other.ledger.list(">");
    expect(all.map(({ key }) => key)).toEqual(expect.arrayContaining(["list-a", "list-b", "list-c"]));
    expect((await other.ledger.list("list-b")).map(({ key }) => key)).toEqual(["list-b"]);
    const [removed] = all.filter(({ key }) => key === "list-c");
    await bus.ledger.remove("list-c", removed?.revision ?? 0);
    expect(await other.ledger.list("list-c")).toEqual([]);
    const handed: string[] = [];
    await other.ledger.each("*", ({ key }) => void handed.push(key));
    expect(handed.filter((key) => key.startsWith("list-")).toSorted()).toEqual(["list-a", "list-b"]);
  });

  test("a list and the changes are complete while what they read is written again", async () => {
    const all = Array.from({ length: 20 }, (_, number) => `busy-${number}`);
    const entries = await Promise.all(all.map((key) => bus.ledger.create(key, ledger(key))));
    const job = { source: "own", name: "n", url: "", labels: null, state: "waiting", attempt: 0, since: 1 } as const;
    const jobs = await Promise.all(all.map((id) => bus.hooks.create(keys.hookedJob("busy", id), { id, ...job })));
    let reads = true;
    const writes = async <T extends { op: string }>(bucket: Bucket<T>, of: Entry<T>[]) => {
      for (let at = 0; reads; at = (at + 7) % of.length) {
        const entry = of[at];
        if (entry !== undefined) of[at] = await bucket.update(entry, entry.value);
      }
    };
    const writing = Promise.all([writes(bus.ledger, entries), writes(bus.hooks, jobs)]);
    const incomplete: number[] = [];
    for (let round = 0; round < 100; round += 1) {
      const listed = (await other.ledger.list()).map(({ key }) => key).filter((key) => key.startsWith("busy-"));
      const changed = new Set<string>();
      await other.hooks.changes({
        filter: keys.hookedJobsOf("busy"),
        after: 0,
        handle: (key) => void changed.add(key),
      });
      for (const { length } of [listed, [...changed]]) if (length !== all.length) incomplete.push(length);
    }
    reads = false;
    await writing;
    expect(incomplete).toEqual([]);
    await Promise.all(entries.map(({ key, revision }) => bus.ledger.remove(key, revision)));
  });
});

describe("leases and time", () => {
  test("one holder at a time; released, the next takes it; the clock is NATS's", async () => {
    const first = bus.lease({ service: "demand-collector", master: "m" }, { retryMs: 20 });
    await first.held;
    const second = other.lease({ service: "demand-collector", master: "m" }, { retryMs: 20 });
    expect([first.isHeld(), second.isHeld()]).toEqual([true, false]);
    await first.release();
    await second.held;
    expect([first.isHeld(), second.isHeld()]).toEqual([false, true]);
    expect(Math.abs(other.clock.offsetMs())).toBeLessThan(1000);
    await second.release();
  });

  test("a holder that does not renew loses it after its time to live", async () => {
    let now = 0;
    const asleep = bus.lease(
      { service: "demand-collector", master: "asleep" },
      { ttlMs: 1000, renewMs: 60_000, monotonic: () => now },
    );
    await asleep.held;
    now = 1001;
    expect(asleep.isHeld()).toBe(false);
    const next = other.lease({ service: "demand-collector", master: "asleep" }, { retryMs: 50 });
    await next.held;
    await Promise.all([asleep.release(), next.release()]);
    expect((await bus.leases.get(keys.lease("demand-collector", "asleep")))?.value).toBeUndefined();
  });
});

describe("a process that is gone", () => {
  test("leaves no lease for longer than three seconds, though it had fifteen", async () => {
    const doomed = await connectBus({ servers: [server.url], name: "doomed" });
    const lease = doomed.lease({ service: "demand-collector", master: "doomed" });
    await lease.held;
    const next = other.lease({ service: "demand-collector", master: "doomed" });
    const goneAt = performance.now();
    await doomed.close();
    await next.held;
    expect(performance.now() - goneAt).toBeLessThan(3500);
    await Promise.all([lease.release(), next.release()]);
  });

  test("is not one that only stands still: its lease is waited for", async () => {
    const slow = bus.lease({ service: "demand-collector", master: "slow" }, { renewMs: 60_000, ttlMs: 4000 });
    await slow.held;
    const heldAt = performance.now();
    const next = other.lease({ service: "demand-collector", master: "slow" }, { retryMs: 200 });
    await next.held;
    expect(performance.now() - heldAt).toBeGreaterThan(3000);
    await Promise.all([slow.release(), next.release()]);
  });
});

describe("commands", () => {
  test("are answered by the service, errors come back as errors, and nobody is told at once", async () => {
    const service = await bus.serve("slave-supervisor", "1.2.3");
    service.answer(
      commands.drainSlave,
      ({ slave }) => {
        if (slave === "bad") throw new RangeError("no such slave");
        return { slave, state: "draining" };
      },
      "m",
    );
    await service.known();
    const ask = (slave: string, master: string) =>
      other.request(commands.drainSlave, { master, slave, reason: "test" }, { master });
    expect(await ask("s1", "m")).toEqual({ slave: "s1", state: "draining" });
    await expect(ask("bad", "m")).rejects.toThrow("no such slave");
    await expect(ask("s1", "other")).rejects.toThrow("Nobody answers");
    await service.stop();
  });

  test("without a master reach every process, and nobody is none", async () => {
    const ask = () => other.requestAll(commands.collectorStatus, {}, { timeoutMs: 2000 });
    expect(await ask()).toEqual([]);
    const status = {
      service: "demand-collector",
      version: "1",
      install: "",
      startedAt: 0,
      clockOffsetMs: 0,
      masters: [],
    };
    const services = await Promise.all([bus, other].map((one) => one.serve("demand-collector", "1.2.3")));
    for (const [at, service] of services.entries())
      service.answer(commands.collectorStatus, () => ({ ...status, process: `process-${at}` }));
    await Promise.all(services.map((service) => service.known()));
    expect((await ask()).map(({ process }) => process).toSorted()).toEqual(["process-0", "process-1"]);
    expect((await bus.request(commands.collectorStatus, {})).process).toMatch(/^process-/);
    await Promise.all(services.map((service) => service.stop()));
  });
});

test("two starts under one name are two processes (H9)", async () => {
  const [one, two] = await Promise.all(["same", "same"].map((name) => connectBus({ servers: [server.url], name })));
  expect(one?.process).not.toBe(two?.process);
  await Promise.all([one?.close(), two?.close()]);
});

describe("the server", () => {
  test("a dead program is told in one sentence", async () => {
    const start = startNatsServer({ binary: "/nonexistent/nats-server", storeDir: join(dir, "dead") });
    await expect(start).rejects.toThrow(/nats-server ended|could not be started/);
  });

  test("an address where nobody listens is told in one sentence", async () => {
    await expect(connectBus({ servers: ["nats://127.0.0.1:1"], name: "x", connectMs: 500 })).rejects.toThrow(
      "can't be reached",
    );
  });
});
