import { type Bus, connectBus, type Service } from "@kubestack/bus";
import { channels, keys, slaveStates, subjects } from "@kubestack/contracts";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { MasterSupervisor } from "./master-supervisor.ts";
import { template } from "./slave-record.fixture.ts";
import { collect, type Fate, Mortal, supervise, TestLease, World } from "./world.fixture.ts";

let server: NatsServer;
let collecting: { bus: Bus; service: Service };
let first: { bus: Bus; service: Service };
let second: { bus: Bus; service: Service };

async function process(name: string): Promise<{ bus: Bus; service: Service }> {
  const bus = await connectBus({ servers: [server.url], name });
  return { bus, service: await bus.serve(name, "1.0.0") };
}

beforeAll(async () => {
  server = await startNatsServer();
  [collecting, first, second] = await Promise.all([
    process("demand-collector"),
    process("slave-supervisor"),
    process("slave-supervisor"),
  ]);
});
afterAll(async () => {
  await Promise.all([collecting, first, second].map((one) => one?.bus.close()));
  await server?.stop();
});

let worlds = 0;

interface Life {
  readonly world: World;
  readonly mortal: Mortal;
  /** What is against the rules at the end, as sentences; none is as it should be. */
  readonly wrongs: string[];
}

/** One item's whole life with a first supervisor that has this fate, and a second one that takes over. */
async function live(fate: Fate, items = 1, templates = [template()]): Promise<Life> {
  worlds += 1;
  const world = new World(`crash${worlds}`);
  const mortal = new Mortal(fate);
  const lease = new TestLease();
  const other = new TestLease();
  const collector = collect(world, collecting.bus, collecting.service);
  await collecting.service.known();
  for (let item = 1; item <= items; item += 1) world.wants(String(item));
  const dies = fate.diesAfter !== undefined || fate.stopsBefore !== undefined;
  const mine = { service: first.service, bus: lease.over(mortal.bus(first.bus)) };
  const supervisors: MasterSupervisor[] = [supervise(world, mine, { ...mortal.over(world), templates })];
  lease.give();
  const isOver = () => world.ran.length === items && world.isEmpty;
  if (dies) {
    await Promise.race([
      mortal.ended,
      vi.waitFor(() => expect(isOver()).toBe(true), { timeout: 20_000, interval: 50 }),
    ]);
    lease.held = false;
    supervisors.push(supervise(world, { service: second.service, bus: other.over(second.bus) }, { templates }));
    other.give();
  }
  const wrongs: string[] = [];
  const over = async (what: string): Promise<void> => {
    try {
      await vi.waitFor(
        async () => {
          const ledger = await second.bus.ledger.get(keys.ledger(world.name));
          expect({ isOver: isOver(), living: ledger?.value.live.length }).toEqual({ isOver: true, living: 0 });
        },
        { timeout: 20_000, interval: 100 },
      );
    } catch {
      const { pods, secrets, services } = world.cluster;
      const left = [pods, secrets, services, world.attach.nodes].flatMap((all) => [...all.keys()]);
      const ledger = await second.bus.ledger.get(keys.ledger(world.name));
      wrongs.push(
        `${what}: ran ${JSON.stringify(world.ran)}, left ${left.join(" ")}, ledger ${JSON.stringify(ledger?.value.live)}`,
      );
    }
  };
  await over("at the end");
  if (fate.stopsBefore !== undefined) {
    mortal.wake();
    // Whatever the sleeper did is seen by two more rounds.
    await collector.round();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await over("after the sleeper woke");
  }
  collector.stop();
  for (const supervisor of supervisors) void supervisor.stop();
  await judge(world, items, wrongs);
  return { world, mortal, wrongs };
}

async function judge(world: World, items: number, wrongs: string[]): Promise<void> {
  const { created } = world.cluster;
  const live = new Set(created);
  // A late create of the sleeper's may make a pod a second time, long after its first life: it runs nothing.
  if (live.size !== items) wrongs.push(`${live.size} slaves for ${items} items: ${created.join(" ")}`);
  if (new Set(world.ran.map(({ item }) => item)).size !== items) wrongs.push(`ran ${JSON.stringify(world.ran)}`);
  if (world.missed.length > 0) wrongs.push(`agents started without ${world.missed.join(" ")}`);
  if (world.killed.length > 0) wrongs.push(`killed ${world.killed.join(" ")}`);
  const events = await second.bus.history(channels.slave, subjects.slavesOf(world.name), { limit: 1000 });
  const steps = events.map(({ data }) => `${data.slave} ${data.step} ${data.state}`).sort();
  const expected = [...live].flatMap((slave) => slaveStates.map((state, step) => `${slave} ${step} ${state}`)).sort();
  if (JSON.stringify(steps) !== JSON.stringify(expected)) wrongs.push(`announced ${steps.join(", ")}`);
  const records = await second.bus.slaves.list(keys.slavesOf(world.name));
  const outcomes = records.map(({ value }) => `${value.state} ${value.life.outcome}`);
  if (outcomes.some((outcome) => outcome !== "deleted served") || outcomes.length !== items)
    wrongs.push(`records ${outcomes.join(", ")}`);
}

/** All of them, so many at a time. */
async function each(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: 12 }, one));
}

describe("one slave for one item, and nothing left behind", () => {
  let calls: readonly string[] = [];

  test("where nobody dies", async () => {
    const { mortal, wrongs, world } = await live({});
    expect(wrongs).toEqual([]);
    expect(world.cluster.created).toHaveLength(1);
    calls = mortal.calls;
    const needed = [
      "ledger.update",
      "slaves.create",
      "cluster.createPod",
      "attach.register",
      "cluster.createSecret",
      "attach.removeNode",
    ];
    expect(calls).toEqual(expect.arrayContaining(needed));
  });

  test("whichever call the first supervisor dies after, with the answer on its way (H1, H5, D6)", async () => {
    const failed: string[] = [];
    await each(calls.length, async (diesAfter) => {
      const { mortal, wrongs, world } = await live({ diesAfter });
      for (const wrong of wrongs) failed.push(`after ${diesAfter} ${mortal.calls[diesAfter]}: ${wrong}`);
      if (world.cluster.created.length !== 1) failed.push(`after ${diesAfter}: created ${world.cluster.created}`);
    });
    expect(failed).toEqual([]);
  }, 240_000);

  test("whichever call the first supervisor stands still before, and makes long after it was taken over (H3, H26)", async () => {
    const failed: string[] = [];
    await each(calls.length, async (stopsBefore) => {
      const { mortal, wrongs } = await live({ stopsBefore });
      for (const wrong of wrongs) failed.push(`before ${stopsBefore} ${mortal.calls[stopsBefore]}: ${wrong}`);
    });
    expect(failed).toEqual([]);
  }, 240_000);

  test("for many items at once, with a death in the midst of their launch", async () => {
    for (const diesAfter of [8, 15, 30]) {
      const { wrongs } = await live({ diesAfter }, 20);
      expect(wrongs).toEqual([]);
    }
  }, 120_000);
});

describe("a slave with Services of its own", () => {
  const templates = [
    template({
      services: [
        { name: "db", port: 5432 },
        { name: "web", port: 80, targetPort: 8080 },
      ],
    }),
  ];
  let ofCluster: readonly number[] = [];

  test("has them before its agent starts, and leaves none", async () => {
    const { mortal, wrongs, world } = await live({}, 1, templates);
    expect(wrongs).toEqual([]);
    expect(world.cluster.created).toHaveLength(1);
    ofCluster = mortal.calls.flatMap((call, at) => (call.startsWith("cluster.") ? [at] : []));
    const made = mortal.calls.filter((call) => call.startsWith("cluster.create"));
    expect(made).toEqual([
      "cluster.createPod",
      "cluster.createService",
      "cluster.createService",
      "cluster.createSecret",
    ]);
  });

  test("whichever call to the cluster the supervisor dies after, or stands still before", async () => {
    const failed: string[] = [];
    const fates = ofCluster.flatMap((at) => [
      { diesAfter: at, at },
      { stopsBefore: at, at },
    ]);
    await each(fates.length, async (index) => {
      const { at, ...fate } = fates[index] ?? { at: 0 };
      const { mortal, wrongs } = await live(fate, 1, templates);
      for (const wrong of wrongs) failed.push(`${JSON.stringify(fate)} ${mortal.calls[at]}: ${wrong}`);
    });
    expect(failed).toEqual([]);
  }, 120_000);
});
