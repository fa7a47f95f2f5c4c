import type { Bus } from "@kubestack/bus";
import { KubestackError, keys } from "@kubestack/contracts";
import { startNatsServer } from "@kubestack/real-parts";
import { describe, expect, test, vi } from "vitest";
import { Bed, connected, type Process, until } from "./bed.fixture.ts";
import { collect, supervise } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 30_000 });

const bed = new Bed("failing");

/** A bus whose one method fails once, before or after it did its work. */
function failingOnce(
  pick: (bus: Bus) => [object, string],
  how: { written: boolean; error?: KubestackError } = { written: false },
): (bus: Bus) => Bus {
  const error = how.error ?? new KubestackError("bus-unavailable", "NATS did not answer.");
  return (bus) => {
    let failed = false;
    const copy: Bus = { ...bus, slaves: { ...bus.slaves }, ledger: { ...bus.ledger } };
    const [target, method] = pick(copy) as [Record<string, (...args: unknown[]) => Promise<unknown>>, string];
    const work = target[method] as (...args: unknown[]) => Promise<unknown>;
    target[method] = async (...args) => {
      if (failed) return work(...args);
      failed = true;
      if (how.written) await work(...args);
      throw error;
    };
    return copy;
  };
}

describe("NATS that fails for a moment", () => {
  test.each<[string, (bus: Bus) => Bus]>([
    ["takes a grant, and its answer is lost", failingOnce(({ ledger }) => [ledger, "update"], { written: true })],
    ["does not take a grant", failingOnce(({ ledger }) => [ledger, "update"])],
    ["takes a record, and its answer is lost", failingOnce(({ slaves }) => [slaves, "create"], { written: true })],
    ["does not take a record", failingOnce(({ slaves }) => [slaves, "create"])],
    ["takes a change, and its answer is lost", failingOnce(({ slaves }) => [slaves, "update"], { written: true })],
    ["does not take a change", failingOnce(({ slaves }) => [slaves, "update"])],
    ["does not show the records", failingOnce(({ slaves }) => [slaves, "each"])],
    ["does not show the ledger", failingOnce(({ ledger }) => [ledger, "get"])],
    ["does not take a plan or a slave's state", failingOnce((bus) => [bus, "publish"])],
    ["does not show the round", failingOnce((bus) => [bus, "readLast"])],
  ])("%s: each build gets one slave all the same", async (_, through) => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.wants("1");
    world.wants("2");
    bed.started(world, { through });
    await bed.isOver(world, 2);
    expect(world.cluster.created).toHaveLength(2);
    expect(world.killed).toEqual([]);
  });

  test("never takes the plan: the slaves are looked after nevertheless", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.wants("1");
    const through = (bus: Bus): Bus => ({
      ...bus,
      publish: (channel, ...rest) =>
        channel.name === "plan"
          ? Promise.reject(new KubestackError("bus-unavailable", "no stream PLAN"))
          : bus.publish(channel, ...rest),
    });
    bed.started(world, { through });
    await bed.isOver(world, 1);
  });

  test("is restarted: the supervisor recovers by itself, with its own lease", async () => {
    const own = await startNatsServer();
    bed.ends.push(() => own.stop());
    const joined = async (name: string): Promise<Process> => {
      const { bus, service } = await connected(own.url, name);
      bed.ends.push(() => bus.close());
      const fast: Bus = {
        ...bus,
        lease: (key, more) => bus.lease(key, { ...more, ttlMs: 2000, renewMs: 300, retryMs: 100 }),
      };
      return { bus: fast, service };
    };
    const world = bed.newWorld();
    const [collector, supervisor] = [await joined("demand-collector"), await joined("slave-supervisor")];
    const rounds = collect(world, collector.bus, collector.service);
    bed.ends.push(rounds.stop);
    const running = supervise(world, supervisor);
    bed.ends.push(() => running.stop());
    world.wants("1");
    await until(() => expect(world.cluster.pods.size).toBe(1));
    await own.stopServer();
    world.wants("2");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await own.startServer();
    await until(async () => {
      const ledger = await supervisor.bus.ledger.get(keys.ledger(world.name));
      expect([world.ran.length, world.isEmpty, ledger?.value.live]).toEqual([2, true, []]);
    }, 25_000);
    expect(world.cluster.created).toHaveLength(2);
    expect(world.killed).toEqual([]);
  }, 60_000);
});
