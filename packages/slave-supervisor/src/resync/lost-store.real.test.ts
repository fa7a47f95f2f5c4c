import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { deleteStores } from "@kubestack/bus/testing";
import { keys } from "@kubestack/contracts";
import { type Cluster, connectCluster, watchPods } from "@kubestack/kubernetes";
import { type ControlPlane, type NatsServer, startControlPlane, startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { connected, type Process, until } from "../bed.fixture.ts";
import type { MasterSupervisor } from "../master-supervisor.ts";
import { mirrored } from "../mirrored-cluster.fixture.ts";
import { collect, supervise, World } from "../world.fixture.ts";
import { StoreKeeper } from "./store-keeper.ts";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const namespace = "default";
/** A minute of another store's Lease is three seconds here. */
const fasterBy = 20;
const timing = { ...systemTiming, monotonic: () => performance.now() * fasterBy };
const log = createLogger({ level: "silent" });

let plane: ControlPlane;
let cluster: Cluster;
const ends: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = connectCluster({ kind: "kubeconfig", path: plane.adminKubeconfig, qps: 500, burst: 500 });
});
afterAll(async () => {
  await cluster?.close();
  await plane?.stop();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Site {
  readonly server: NatsServer;
  readonly world: World;
  readonly supervisor: MasterSupervisor;
  readonly process: Process;
}

/** A world on the real API server, supervised by way of a nats-server of its own. */
async function site(name: string, install = "test"): Promise<Site> {
  const server = await startNatsServer();
  ends.push(() => server.stop());
  const world = new World(name);
  const mirror = mirrored(world, cluster, namespace);
  ends.push(() => mirror.stop());
  const join_ = async (service: string): Promise<Process> => {
    const { bus, service: served } = await connected(server.url, service);
    ends.push(() => bus.close());
    const lease: typeof bus.lease = (key, more) => bus.lease(key, { ...more, ttlMs: 3000, renewMs: 300, retryMs: 100 });
    return { bus: { ...bus, lease }, service: served };
  };
  const [collector, process] = [await join_("demand-collector"), await join_("slave-supervisor")];
  const rounds = collect(world, collector.bus, collector.service);
  ends.push(rounds.stop);
  const pods = watchPods({ cluster, namespace });
  ends.push(() => pods.stop());
  const store = new StoreKeeper({ install, namespace, bus: process.bus, cluster, timing, log });
  store.start();
  ends.push(() => store.stop());
  const supervisor = supervise(world, process, { install, namespace, cluster, pods, store, timing });
  ends.push(() => supervisor.stop());
  return { server, world, supervisor, process };
}

const storeOf = ({ server }: Site): string => join(server.dir, "store");

async function restartedOn({ server }: Site, change: () => Promise<void>): Promise<void> {
  await server.stopServer();
  await change();
  await server.startServer();
}

async function isOver({ world, process }: Site, items: number): Promise<void> {
  await until(async () => {
    const ledger = await process.bus.ledger.get(keys.ledger(world.name));
    expect({
      ran: world.ran.length,
      pods: world.cluster.pods.size,
      secrets: world.cluster.secrets.size,
      nodes: world.attach.nodes.size,
      live: ledger?.value.live,
    }).toEqual({ ran: items, pods: 0, secrets: 0, nodes: 0, live: [] });
  }, 60_000);
}

describe("NATS's store, while builds run in pods of a real cluster (H37)", () => {
  test.each<[string, (of: Site) => Promise<() => Promise<void>>]>([
    [
      "lost, and the server started anew on an empty folder",
      async (of) => () => restartedOn(of, () => rm(storeOf(of), { recursive: true })),
    ],
    [
      "put back to what it was before the builds came",
      async (of) => {
        const copy = join(of.server.dir, "copy");
        await restartedOn(of, () => cp(storeOf(of), copy, { recursive: true }));
        return () =>
          restartedOn(of, async () => {
            await rm(storeOf(of), { recursive: true });
            await cp(copy, storeOf(of), { recursive: true });
          });
      },
    ],
    [
      "lost stream by stream, by somebody who deletes them under running services",
      async ({ server }) =>
        () =>
          deleteStores(server.url),
    ],
  ])("%s: no build is killed, the pods are supervised on, and a later build is served", async (what, prepare) => {
    const of = await site(`store${what.length}`);
    const { world, process } = of;
    await until(() => expect(of.supervisor.status().state).toBe("ok"));
    const befall = await prepare(of);
    world.wants("1");
    world.wants("2");
    await until(() => expect(world.ran).toHaveLength(2));
    world.isFrozen = true;
    const before = new Map([...world.cluster.pods].map(([name, { metadata }]) => [name, metadata?.uid]));
    const ledger = await process.bus.ledger.get(keys.ledger(world.name));
    await befall();
    await until(async () => {
      const found = await process.bus.ledger.get(keys.ledger(world.name));
      expect(found?.value.epoch).not.toBe(ledger?.value.epoch);
      const records = await process.bus.slaves.list(keys.slavesOf(world.name));
      expect(records.map(({ value: { name, state } }) => [name, state]).sort()).toEqual(
        [...before.keys()].sort().map((name) => [name, "busy"]),
      );
    }, 30_000);
    // The same pods, and nothing but them.
    expect(new Map([...world.cluster.pods].map(([name, { metadata }]) => [name, metadata?.uid]))).toEqual(before);
    expect(world.killed).toEqual([]);
    world.isFrozen = false;
    world.wants("3");
    await isOver(of, 3);
    expect(world.killed).toEqual([]);
  });
});

test("a second store for one installation does nothing, and says why (H38)", async () => {
  const first = await site("shared", "twice");
  await until(() => expect(first.supervisor.status().state).toBe("ok"));
  const second = await site("shared", "twice");
  second.world.wants("1");
  await until(() => expect(second.supervisor.status()).toMatchObject({ state: "refused" }));
  expect(second.supervisor.status().detail).toMatch(/belongs to another NATS store .*Lease kubestack-twice/);
  first.world.wants("1");
  await isOver(first, 1);
  expect([second.world.ran, second.supervisor.status().state]).toEqual([[], "refused"]);
});
