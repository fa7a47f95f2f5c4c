import { channels, commands, type QueueItem, subjects } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { Bed, until } from "../../bed.fixture.ts";
import { runningStatus } from "../../fake-cluster.fixture.ts";
import type { MasterOptions } from "../../master-scope.ts";
import type { World } from "../../world.fixture.ts";
import { self } from "./index.ts";

const bed = new Bed("self");

/** A system of its own, which shows nothing but what waits, again and again. */
class OwnSystem {
  waiting: string[] = [];
  readonly #world: World;
  #round = 0;

  constructor(world: World) {
    this.#world = world;
    const timer = setInterval(() => void this.publish().catch(() => undefined), 100);
    const fresh = async () => ({ sequence: await this.publish(), term: 1, round: this.#round });
    bed.ends.push(() => clearInterval(timer), bed.collecting.service.answer(commands.freshRound, fresh, world.name));
  }

  async publish(): Promise<number> {
    const { bus } = bed.collecting;
    const { name: master } = this.#world;
    this.#round += 1;
    const now = bus.clock.now();
    const items = this.waiting.map(
      (id): QueueItem => ({
        ...{ id, job: `job ${id}`, url: "", why: "", waitingSince: null, labelOrigin: "told" },
        wants: { kind: "expression", expression: "python" },
      }),
    );
    const source = {
      ...{ name: "external", term: 1, round: this.#round, readAt: now, queueReadAt: now, state: "ok" as const },
      ...{ session: null, quietingDown: false, items, supply: "items" as const, intervalMs: 1_000 },
    };
    return bus.publish(channels.demand, subjects.demand(master), { master, sources: [source] });
  }
}

const ready = [{ type: "Ready", status: "True" }];
const ended = (exitCode: number) => ({
  phase: exitCode === 0 ? "Succeeded" : "Failed",
  containerStatuses: [
    ...(runningStatus.containerStatuses ?? []).map((container) => ({
      ...container,
      ready: false,
      state: { terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error" } },
    })),
  ],
});

async function begun(changed: Partial<MasterOptions> = {}) {
  const world = bed.newWorld();
  const system = new OwnSystem(world);
  await bed.collecting.service.known();
  const target = { name: world.name, master: undefined, agentUrl: "", podLabels: { team: "a" } };
  const { supervisor } = bed.started(world, { changed: { attach: self, target, ...changed } });
  const records = async () => (await bed.records(world)).toSorted((a, b) => a.number - b.number);
  /** Waits until the slaves are in these states. */
  const are = (...states: string[]) =>
    until(async () => expect((await records()).map(({ state }) => state)).toEqual(states));
  const pods = () => [...world.cluster.pods.keys()].toSorted();
  return { world, system, supervisor, records, are, pods };
}

describe("slaves that attach by themselves", () => {
  test("each item gets one pod, which says what it is for; one that ends with code 0 has served, and nothing is left", async () => {
    const { world, system, records, are, pods } = await begun();
    system.waiting = ["a", "b"];
    await are("scheduled", "scheduled");
    const [first = "", second = ""] = pods();
    const { metadata, spec } = world.cluster.pods.get(first) ?? {};
    expect(metadata?.labels).toMatchObject({ team: "a" });
    const env = Object.fromEntries((spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
    expect(env).toMatchObject({ KUBESTACK_SLAVE: first, KUBESTACK_LABELS: "python", KUBESTACK_ITEM: "a" });
    expect(env).toMatchObject({ KUBESTACK_MASTER: world.name, KUBESTACK_ITEM_JOB: "job a", KUBESTACK_ITEM_URL: "" });
    for (const name of [first, second]) world.cluster.set(name, { ...runningStatus, conditions: ready });
    await are("online", "online");
    system.waiting = [];
    world.cluster.set(first, ended(0));
    await until(async () =>
      expect((await records())[0]).toMatchObject({ state: "deleted", life: { outcome: "served" } }),
    );
    // What runs is left alone, though nothing waits any more and nobody shows what it does.
    await system.publish();
    await system.publish();
    expect(pods()).toEqual([second]);
    world.cluster.set(second, ended(1));
    await until(async () =>
      expect((await records())[1]).toMatchObject({ state: "deleted", life: { outcome: "failed" } }),
    );
    expect([pods(), world.attach.nodes.size, world.cluster.secrets.size]).toEqual([[], 0, 0]);
  });

  test("one that is over before it was seen ready has served, too, and its item is paid once", async () => {
    const { world, system, records, are, pods } = await begun();
    system.waiting = ["a"];
    await are("scheduled");
    system.waiting = [];
    world.cluster.set(pods()[0] ?? "", ended(0));
    await until(async () =>
      expect((await records())[0]).toMatchObject({ state: "deleted", life: { outcome: "served" } }),
    );
    expect(world.cluster.created).toHaveLength(1);
  });

  test("an item that still waits when its slave has ended gets another one", async () => {
    const { world, system, are, pods, records } = await begun();
    system.waiting = ["a"];
    await are("scheduled");
    world.cluster.set(pods()[0] ?? "", ended(0));
    await until(() => expect(world.cluster.created).toHaveLength(2));
    expect((await records()).map(({ item }) => item)).toMatchObject([
      { id: "a", source: "external" },
      { id: "a", source: "external" },
    ]);
  });

  test("one that is to be drained while it may work ends by itself; one that is not ready yet goes at once", async () => {
    const { world, system, are, pods, records } = await begun();
    system.waiting = ["a", "b"];
    await are("scheduled", "scheduled");
    const [first = "", second = ""] = pods();
    world.cluster.set(first, { ...runningStatus, conditions: ready });
    await are("online", "scheduled");
    system.waiting = [];
    const { bus } = bed.collecting;
    for (const slave of [first, second])
      await bus.request(commands.drainSlave, { master: world.name, slave, reason: "a person" }, { master: world.name });
    await until(async () => expect((await records())[1]?.state).toBe("deleted"));
    await until(async () =>
      expect((await records())[0]).toMatchObject({ state: "busy", life: { goesAfterBuild: true } }),
    );
    expect(pods()).toEqual([first]);
    world.cluster.set(first, ended(0));
    await until(async () =>
      expect((await records())[0]).toMatchObject({ state: "deleted", life: { outcome: "served" } }),
    );
  });
});
