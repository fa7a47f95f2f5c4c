import type { Bus } from "@kubestack/bus";
import { channels, commands, hasCode, KubestackError, keys, type Plan, subjects } from "@kubestack/contracts";
import { describe, expect, test, vi } from "vitest";
import { Bed, until } from "./bed.fixture.ts";
import { template } from "./slave-record.fixture.ts";
import { supervise, TestLease, type World } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 30_000 });

const bed = new Bed("whole");

describe("a waiting build", () => {
  test("gets one slave, which goes after it and leaves nothing; its states are told in order", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.wants("1");
    const { supervisor } = bed.started(world);
    await bed.isOver(world, 1);
    expect(world.cluster.created).toHaveLength(1);
    expect(world.killed).toEqual([]);
    const told = await bed.one.bus.history(channels.slave, subjects.slavesOf(world.name), { limit: 100 });
    expect(told.map(({ data }) => data.state)).toEqual([
      "requested",
      "scheduled",
      "online",
      "busy",
      "draining",
      "deleted",
    ]);
    expect(supervisor.status()).toMatchObject({ state: "ok", waiting: 0, owner: bed.one.bus.process });
    const kept = await bed.records(world);
    expect(kept.map(({ state, life }) => [state, life.outcome])).toEqual([["deleted", "served"]]);
  });

  test("of fifty gets each its own, with caps kept and the plan told", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    for (let item = 1; item <= 50; item += 1) world.wants(String(item));
    let most = 0;
    const plans: Plan[] = [];
    bed.ends.push(bed.one.bus.subscribe(channels.plan, subjects.plan(world.name), ({ data }) => plans.push(data)));
    const watch = setInterval(() => {
      most = Math.max(most, world.cluster.pods.size);
    }, 20);
    bed.ends.push(() => clearInterval(watch));
    bed.started(world, { changed: { maxSlaves: 20 } });
    await bed.isOver(world, 50);
    expect(most).toBeLessThanOrEqual(20);
    expect(world.cluster.created).toHaveLength(50);
    expect(plans[0]?.launches).toMatchObject([{ template: "python", count: 20 }]);
    expect(plans[0]?.waiting[0]).toMatchObject({ code: "cap" });
    // Who makes nodes hears of each slave by name, and of what its pod asks of a node.
    const [{ slaves = [], needs } = { slaves: [] }] = plans[0]?.launches ?? [];
    expect([new Set(slaves).size, needs?.requests]).toEqual([20, expect.objectContaining({ cpu: 500 })]);
    for (const slave of slaves) expect(world.cluster.created).toContain(slave);
  }, 60_000);

  test("gets nothing while the master is quieting down, and one slave afterwards", async () => {
    const world = bed.newWorld();
    world.isQuiet = true;
    const collector = await bed.collected(world);
    world.wants("1");
    const { supervisor } = bed.started(world);
    await until(() => expect(supervisor.status().detail).toContain("about to shut down"));
    for (let rounds = 0; rounds < 3; rounds += 1) await collector.round();
    expect(world.cluster.created).toEqual([]);
    world.isQuiet = false;
    await bed.isOver(world, 1);
  });
});

describe("a person", () => {
  const drain = (world: World, slave: string) =>
    bed.two.bus.request(commands.drainSlave, { master: world.name, slave, reason: "by hand" }, { master: world.name });

  test("may drain a slave: the owner answers, however many processes wait for the master", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.isFrozen = true;
    world.wants("1");
    const idle = new TestLease();
    const waiting = supervise(world, { service: bed.two.service, bus: idle.over(bed.two.bus) });
    bed.ends.push(() => waiting.stop());
    bed.started(world);
    await bed.two.service.known();
    await bed.one.service.known();
    await until(() => expect(world.cluster.created).toHaveLength(1));
    const [name = ""] = world.cluster.created;
    for (let times = 0; times < 5; times += 1)
      await expect(drain(world, "nobody")).rejects.toSatisfy((error) => hasCode(error, "not-found"));
    expect(await drain(world, name)).toEqual({ slave: name, state: "draining" });
  });

  test("is told when a drain could not be saved", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.isFrozen = true;
    world.wants("1");
    let away = false;
    const through = (bus: Bus): Bus => ({
      ...bus,
      slaves: {
        ...bus.slaves,
        update: async (...args) => {
          if (away) throw new KubestackError("bus-unavailable", "NATS did not answer.");
          return bus.slaves.update(...args);
        },
      },
    });
    bed.started(world, { through });
    await bed.one.service.known();
    await until(async () => expect((await bed.records(world))[0]?.state).toBe("scheduled"));
    away = true;
    const [name = ""] = world.cluster.created;
    await expect(drain(world, name)).rejects.toSatisfy((error) => hasCode(error, "bus-unavailable"));
  });
});

describe("a supervisor", () => {
  test("that is stopped does nothing more, and leaves its slaves to the next one", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.wants("1");
    const { supervisor } = bed.started(world);
    await until(() => expect(world.cluster.created).toHaveLength(1));
    await supervisor.stop();
    expect(supervisor.isOwner()).toBe(false);
    bed.started(world, { process: bed.two });
    await bed.isOver(world, 1);
    expect(world.cluster.created).toHaveLength(1);
  });

  test("does not serve a master whose ledger a newer release wrote, and does not repeat itself", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    const ledger = { version: 3, master: world.name, owner: "newer", term: 1, epoch: "abcd", next: 1, live: [] };
    await bed.one.bus.ledger.create(keys.ledger(world.name), ledger);
    let reads = 0;
    const through = (bus: Bus): Bus => ({
      ...bus,
      ledger: {
        ...bus.ledger,
        get: (key) => {
          reads += 1;
          return bus.ledger.get(key);
        },
      },
    });
    world.wants("1");
    const { supervisor } = bed.started(world, { through });
    await until(() => expect(supervisor.status().detail).toContain("newer release"));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(reads).toBeLessThanOrEqual(4);
    expect(world.cluster.created).toEqual([]);
  });

  test("gives way between builds: what NATS holds up does not pile up", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    let asked = 0;
    const held = Promise.withResolvers<void>();
    let isHeld = false;
    const through = (bus: Bus): Bus => ({
      ...bus,
      readLast: async (...args) => {
        asked += 1;
        if (isHeld) await held.promise;
        return bus.readLast(...args);
      },
    });
    const { supervisor } = bed.started(world, { through });
    await until(() => expect(supervisor.status().state).toBe("ok"));
    isHeld = true;
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    isHeld = false;
    held.resolve();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked - before).toBeLessThanOrEqual(6);
    expect(supervisor.isOwner()).toBe(true);
  });

  test("launches nothing from templates that are not its own, and says why an item waits", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    const plans: Plan[] = [];
    bed.ends.push(bed.one.bus.subscribe(channels.plan, subjects.plan(world.name), ({ data }) => plans.push(data)));
    world.wants("1", "gpu");
    bed.started(world, { changed: { templates: [template({ name: "go", labels: ["go"] })] } });
    await until(() => expect(plans.at(-1)?.waiting).toMatchObject([{ item: "1", code: "not-ours" }]));
    expect(world.cluster.created).toEqual([]);
  });
});
