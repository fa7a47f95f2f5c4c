import { channels, commands, hasCode, KubestackError, keys, type OrderRequest, subjects } from "@kubestack/contracts";
import { describe, expect, test, vi } from "vitest";
import { Bed, until } from "./bed.fixture.ts";
import type { MasterOptions } from "./master-scope.ts";
import { steadyStore, type World } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 30_000 });

const bed = new Bed("standing");

function order(world: World, wants: OrderRequest["wants"], reason = "") {
  const asked = { master: world.name, wants, by: "ann", reason };
  return bed.two.bus.request(commands.orderMaster, asked, { master: world.name });
}

const keptOf = async (world: World) => (await bed.one.bus.masters.get(keys.master(world.name)))?.value;
const planOf = async (world: World) => (await bed.one.bus.readLast(channels.plan, subjects.plan(world.name)))?.data;

async function eventsOf({ name }: World): Promise<string[]> {
  const told = await bed.one.bus.history(channels.master, subjects.allMasters, { limit: 1000 });
  return told.flatMap(({ data }) => (data.master === name ? [data.event] : []));
}

async function serving(world: World, changed: Partial<MasterOptions> = {}) {
  const collector = await bed.collected(world);
  const started = bed.started(world, { changed });
  await until(() => expect(started.supervisor.status().state).toBe("ok"));
  return { collector, ...started };
}

describe("a master that is paused", () => {
  test("gets nothing launched, whoever owns it, until it is resumed; its builds are told why", async () => {
    const world = bed.newWorld();
    const { lease } = await serving(world);
    expect((await order(world, "pause", "upgrade")).order).toMatchObject({ kind: "paused", by: "ann" });
    world.wants("1");
    const told = expect.stringMatching(/^master .* is paused by ann since .* UTC \(upgrade\)$/);
    const waiting = [{ item: "1", job: "job-1", code: "paused", reason: told }];
    await until(async () => expect((await planOf(world))?.waiting).toEqual(waiting));
    lease.take();
    const second = bed.started(world, { process: bed.two });
    await until(() => expect(second.supervisor.status().state).toBe("ok"));
    const before = await planOf(world);
    world.wants("2");
    await until(async () => expect((await planOf(world))?.waiting).toHaveLength(2));
    expect((await planOf(world))?.at).toBeGreaterThan(before?.at ?? 0);
    expect(world.cluster.created).toEqual([]);
    expect((await order(world, "resume")).order).toBeNull();
    await bed.isOver(world, 2);
  });

  test("ends its builds and removes their slaves as ever", async () => {
    const world = bed.newWorld();
    await serving(world);
    world.wants("1");
    await until(() => expect(world.ran).toHaveLength(1));
    await order(world, "pause");
    world.wants("2");
    await until(() => expect(world.isEmpty).toBe(true));
    expect([world.killed, world.ran.length]).toEqual([[], 1]);
  });

  test("can't be paused twice, nor resumed twice; each is said in one sentence", async () => {
    const world = bed.newWorld();
    await serving(world);
    await expect(order(world, "resume")).rejects.toThrow(/neither paused nor drained/);
    await order(world, "pause");
    await expect(order(world, "pause")).rejects.toThrow(/is paused by ann since .* already/);
    await order(world, "drain");
    await expect(order(world, "drain")).rejects.toThrow(/is drained by ann since .* already/);
    await order(world, "resume");
    expect(await eventsOf(world)).toEqual(["owner-changed", "paused", "draining", "resumed"]);
  });
});

describe("a master that is drained", () => {
  test("loses its slaves that wait, and keeps those that run a build until it is over", async () => {
    const world = bed.newWorld();
    await serving(world);
    world.wants("1");
    await until(() => expect(world.ran).toHaveLength(1));
    world.isFrozen = true;
    world.wants("2");
    await until(() => expect(world.cluster.created).toHaveLength(2));
    const [busy] = world.ran;
    await order(world, "drain");
    await until(() => expect([...world.cluster.pods.keys()]).toEqual([busy?.node]));
    world.isFrozen = false;
    await until(() => expect(world.isEmpty).toBe(true));
    expect([world.killed, world.ran.length]).toEqual([[], 1]);
    expect((await bed.records(world)).map(({ life }) => life.outcome).sort()).toEqual(["served", "withdrawn"]);
    await order(world, "resume");
    await bed.isOver(world, 2);
  });
});

describe("what is kept of a master", () => {
  test("is its entry, with the order that stands, and a new entry takes the old one's place", async () => {
    const world = bed.newWorld();
    const { lease } = await serving(world);
    expect(await keptOf(world)).toMatchObject({ entry: { name: world.name }, removedAt: null, order: null });
    await order(world, "pause");
    lease.take();
    const entry = { name: world.name, url: "http://elsewhere/" };
    bed.started(world, { process: bed.two, changed: { entry } });
    await until(async () => expect(await keptOf(world)).toMatchObject({ entry, order: { kind: "paused" } }));
  });

  test("and was lost with NATS's store is written again, the order too", async () => {
    const world = bed.newWorld();
    await serving(world);
    await order(world, "pause", "upgrade");
    const found = await bed.one.bus.masters.get(keys.master(world.name));
    await bed.one.bus.masters.remove(keys.master(world.name), found?.revision ?? 0);
    await until(async () =>
      expect(await keptOf(world)).toMatchObject({
        entry: { name: world.name },
        order: { kind: "paused", reason: "upgrade" },
      }),
    );
  });

  test("by a newer release is left alone: nothing is launched", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    const kept = { version: 2, master: world.name, install: "i", entry: {}, removedAt: null, order: null };
    await bed.one.bus.masters.create(keys.master(world.name), kept);
    const { supervisor } = bed.started(world);
    world.wants("1");
    await until(() => expect(supervisor.status().detail).toMatch(/newer release/));
    expect(world.cluster.created).toEqual([]);
  });
});

describe("a master that is out of the configuration", () => {
  test("is drained, and then left: nothing is kept but the records of its slaves, for their day", async () => {
    const world = bed.newWorld();
    const left: string[] = [];
    const store = { ...steadyStore, forgetEpochs: (master: string) => void left.push(master) };
    const { supervisor } = await serving(world, { store });
    world.wants("1");
    await until(() => expect(world.ran).toHaveLength(1));
    supervisor.reconfigure({ ...supervisor.options, isListed: false });
    world.wants("2");
    await expect(order(world, "resume")).rejects.toThrow(/is out of the configuration/);
    await until(async () => expect(await keptOf(world)).toBeUndefined());
    expect(await bed.one.bus.ledger.get(keys.ledger(world.name))).toBeUndefined();
    expect([world.killed, world.ran.length, world.isEmpty]).toEqual([[], 1, true]);
    const [record] = await bed.records(world);
    expect([record?.state, record?.life.outcome]).toEqual(["deleted", "served"]);
    await until(() => expect(left).toEqual([world.name]));
  });

  test("is not taken over by another process once it is left", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    const { supervisor } = bed.started(world, { changed: { isListed: false } });
    world.wants("1");
    const at = bed.one.bus.clock.now();
    await until(() => expect(bed.one.bus.clock.now() - at).toBeGreaterThan(2000));
    expect(supervisor.isOwner()).toBe(false);
    expect(await eventsOf(world)).toEqual([]);
  });

  test("is served as ever once it is named again", async () => {
    const world = bed.newWorld();
    const { supervisor } = await serving(world);
    world.wants("1");
    await until(() => expect(world.ran).toHaveLength(1));
    world.isFrozen = true;
    const found = await bed.one.bus.masters.get(keys.master(world.name));
    if (found !== undefined) await bed.one.bus.masters.update(found, { ...found.value, removedAt: 5 });
    supervisor.reconfigure({ ...supervisor.options, isListed: false });
    world.wants("2");
    const told = expect.stringMatching(/out of the configuration since 1970-01-01 00:00:00 UTC, and drained$/);
    await until(async () => expect((await planOf(world))?.waiting).toMatchObject([{ code: "paused", reason: told }]));
    supervisor.reconfigure({ ...supervisor.options, isListed: true });
    world.isFrozen = false;
    await bed.isOver(world, 2);
    expect(await keptOf(world)).toMatchObject({ removedAt: null });
    expect(world.killed).toEqual([]);
  });
});

function forget(world: World, isConfirmed = false) {
  const asked = { master: world.name, by: "ann", reason: "", isConfirmed };
  return bed.two.bus.request(commands.forgetMaster, asked, { master: world.name });
}

/** A master with a slave that runs a build and one that waits, taken out of the configuration, which then does not answer any more. */
async function goneForGood(world: World, changed: Partial<MasterOptions> = {}) {
  const { collector, supervisor, lease } = await serving(world, changed);
  world.wants("1");
  await until(() => expect(world.ran).toHaveLength(1));
  world.isFrozen = true;
  world.wants("2");
  await until(() => expect(world.attach.nodes.size).toBe(2));
  collector.stop();
  world.attach.failure = new KubestackError("master-unavailable", "The master is off.");
  supervisor.reconfigure({ ...supervisor.options, isListed: false, intervalMs: 100 });
  return { supervisor, lease };
}

describe("a master that is forgotten", () => {
  test("loses its pods and Secrets though it does not answer; records tell why, and nothing is kept of it", async () => {
    const world = bed.newWorld();
    const left: string[] = [];
    const store = { ...steadyStore, forgetEpochs: (master: string) => void left.push(master) };
    const { supervisor } = await goneForGood(world, { store });
    // Its last round counts for a moment.
    await until(() => expect(forget(world)).rejects.toThrow(/has 2 slaves left: .* say --yes/));
    await until(async () => expect((await bed.records(world)).map(({ state }) => state)).toContain("draining"));
    expect(world.cluster.pods.size).toBe(2);
    await until(async () => expect(await forget(world, true)).toEqual({ master: world.name, slaves: 2 }));
    await until(async () => expect(await keptOf(world)).toBeUndefined());
    expect([world.cluster.pods.size, world.cluster.secrets.size, world.attach.nodes.size]).toEqual([0, 0, 2]);
    expect(await bed.one.bus.ledger.get(keys.ledger(world.name))).toBeUndefined();
    const ends = (await bed.records(world)).map(({ state, life }) => [state, life.trail.at(-1)?.reason]);
    const told = expect.stringMatching(/^pod and Secret are gone, and its node at .* is given up: .* forgotten by ann/);
    expect(ends).toEqual([
      ["deleted", told],
      ["deleted", told],
    ]);
    expect(supervisor.isOwner()).toBe(false);
    // By its epochs the nodes that stay there are known, should it ever be back.
    expect(left).toEqual([]);
  });

  test("is given up by whoever owns it next, where its owner goes right after it was told", async () => {
    const world = bed.newWorld();
    const { lease } = await goneForGood(world);
    world.cluster.podsLinger = true;
    await until(async () => expect(await forget(world, true)).toEqual({ master: world.name, slaves: 2 }));
    lease.take();
    expect(world.cluster.pods.size).toBe(2);
    world.cluster.podsLinger = false;
    bed.started(world, { process: bed.two, changed: { isListed: false } });
    await until(async () => expect(await keptOf(world)).toBeUndefined());
    expect([world.cluster.pods.size, world.cluster.secrets.size]).toEqual([0, 0]);
  });

  test("is refused while the configuration names it, and while it answers and runs a build", async () => {
    const world = bed.newWorld();
    const { supervisor } = await serving(world);
    await expect(forget(world, true)).rejects.toThrow(/is in the configuration: take it out there/);
    world.wants("1");
    await until(() => expect(world.ran).toHaveLength(1));
    world.isFrozen = true;
    await until(async () => expect((await bed.records(world)).map(({ state }) => state)).toEqual(["busy"]));
    supervisor.reconfigure({ ...supervisor.options, isListed: false });
    await expect(forget(world, true)).rejects.toThrow(/answers, and a slave runs a build there/);
    world.isFrozen = false;
    await until(async () => expect(await keptOf(world)).toBeUndefined());
    expect(world.killed).toEqual([]);
  });

  test("is an ordinary master once the configuration names it again", async () => {
    const world = bed.newWorld();
    const { supervisor } = await serving(world);
    const found = await bed.one.bus.masters.get(keys.master(world.name));
    const forgotten = { by: "ann", at: 5, reason: "" };
    if (found !== undefined) await bed.one.bus.masters.update(found, { ...found.value, removedAt: 5, forgotten });
    supervisor.reconfigure({ ...supervisor.options });
    await until(async () => expect(await keptOf(world)).toMatchObject({ removedAt: null }));
    expect((await keptOf(world))?.forgotten).toBeUndefined();
    world.wants("1");
    await bed.isOver(world, 1);
  });
});

test("an order that reached who is no owner any more is not called done", async () => {
  const world = bed.newWorld();
  await serving(world);
  const found = await bed.one.bus.ledger.get(keys.ledger(world.name));
  if (found === undefined) throw new Error("no ledger");
  await bed.one.bus.ledger.update(found, { ...found.value, owner: "somebody", term: found.value.term + 1 });
  const error: unknown = await order(world, "pause").catch((failure: unknown) => failure);
  expect(hasCode(error, "bus-unavailable") && error.message).toMatch(/went to another process meanwhile/);
  // Whoever took it over reads what was kept before.
  expect((await keptOf(world))?.order).toMatchObject({ kind: "paused" });
});
