import type { Bus } from "@kubestack/bus";
import { commands, KubestackError, keys, type SlaveRecord } from "@kubestack/contracts";
import type { V1Pod } from "@kubestack/kubernetes";
import { createMeter } from "@kubestack/metrics";
import { readExposition } from "@kubestack/metrics/testing";
import { podOf } from "@kubestack/templates";
import { describe, expect, test, vi } from "vitest";
import { Bed, connected, until } from "./bed.fixture.ts";
import { MasterMeasures } from "./measures/master-measures.ts";
import { recordAfter, template, ways } from "./slave-record.fixture.ts";
import { supervise } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 30_000 });

const bed = new Bed("taken");

describe("another owner", () => {
  test("that wrote into the ledger is noticed, and the master is taken over again while the lease is held", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    const { supervisor } = bed.started(world);
    await until(() => expect(supervisor.status().state).toBe("ok"));
    const found = await bed.one.bus.ledger.get(keys.ledger(world.name));
    if (found === undefined) throw new Error("no ledger");
    await bed.one.bus.ledger.update(found, { ...found.value, owner: "somebody", term: found.value.term + 1 });
    world.wants("1");
    await bed.isOver(world, 1);
    expect((await bed.one.bus.ledger.get(keys.ledger(world.name)))?.value).toMatchObject({
      owner: bed.one.bus.process,
      term: 3,
    });
  });

  test("that held the lease for a while changes nothing that is not seen afterwards", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.wants("1");
    world.wants("2");
    const { supervisor, lease } = bed.started(world);
    await until(() => expect(world.attach.nodes.size).toBe(2));
    lease.take();
    expect(supervisor.status()).toMatchObject({ state: "waiting" });
    // Meanwhile a build begins, and the other slave's pod fails.
    await until(() => expect(world.ran.length).toBeGreaterThan(0));
    world.isFrozen = true;
    const [busy] = world.ran;
    const other = [...world.cluster.pods.keys()].find((name) => name !== busy?.node) ?? "";
    world.cluster.set(other, { phase: "Failed", reason: "Evicted" });
    lease.give();
    await until(async () => {
      const states = new Map((await bed.records(world)).map(({ name, state }) => [name, state]));
      expect([states.get(busy?.node ?? ""), ["draining", "deleted"].includes(states.get(other) ?? "")]).toEqual([
        "busy",
        true,
      ]);
    });
    world.isFrozen = false;
    await until(() => expect(world.isEmpty).toBe(true));
  });
});

test.each([-600_000, 600_000])(
  "a machine whose clock is wrong by %i ms takes over, and no slave's clock runs out (H40)",
  async (wrongMs) => {
    const world = bed.newWorld();
    world.isFrozen = true;
    await bed.collected(world);
    world.wants("1");
    const { supervisor, lease } = bed.started(world);
    await until(() => expect(world.attach.nodes.size).toBe(1));
    lease.take();
    await supervisor.stop();
    const process = await connected(bed.url, "slave-supervisor", () => Date.now() + wrongMs);
    bed.ends.push(() => process.bus.close());
    const skewed = supervise(world, process);
    bed.ends.push(() => skewed.stop());
    await until(() => expect(skewed.status().state).toBe("ok"));
    const [before] = await bed.records(world);
    world.isFrozen = false;
    await bed.isOver(world, 1);
    expect([before?.state, world.cluster.created.length, world.killed]).toEqual(["scheduled", 1, []]);
    const [{ life }] = (await bed.records(world)) as [SlaveRecord];
    expect(life.outcome).toBe("served");
    expect(Math.abs((life.trail.at(-1)?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  },
);

describe("what an earlier owner left", () => {
  test.each([
    ["in the ledger alone", "r", "r", 1],
    ["in a ledger that counted on its record, which was lost,", "", "its record was lost", 0],
  ])("%s is recorded and launched", async (_, reason, told, counted) => {
    const world = bed.newWorld();
    const record = recordAfter([], { master: world.name });
    const living = {
      number: 1,
      nonce: "n",
      template: "python",
      labels: ["python", "cpu=4"],
      size: { cpu: "4" },
      item: null,
      at: bed.one.bus.clock.now(),
      reason,
    };
    const ledger = { version: 1, master: world.name, owner: "gone", term: 3, epoch: "abcd", next: 2, live: [living] };
    await bed.one.bus.ledger.create(keys.ledger(world.name), ledger);
    const meter = createMeter();
    bed.started(world, { changed: { measures: new MasterMeasures(meter, world.name, ["python"]) } });
    await until(() => expect(world.cluster.created).toEqual([record.name]));
    expect(readExposition(await meter.text()).sum("kubestack_launches_total")).toBe(counted);
    expect(world.cluster.pods.get(record.name)?.metadata?.annotations?.["kubestack.io/nonce"]).toBe("n");
    const { requests } = world.cluster.pods.get(record.name)?.spec?.containers[0]?.resources ?? {};
    expect(requests).toMatchObject({ cpu: "4", memory: "1Gi" });
    const [saved] = await bed.records(world);
    expect(saved).toMatchObject({ labels: ["python", "cpu=4"], size: { cpu: "4" } });
    expect(saved?.life.trail[0]?.reason).toBe(told);
  });

  test("with a pod keeps the Services that this tells of, though its record was lost and its template has others", async () => {
    const world = bed.newWorld();
    const { name, nonce } = recordAfter([], { master: world.name });
    const db = { name: "db", port: 5432, targetPort: 5432, protocol: "TCP", headless: true } as const;
    const of = { install: "test", master: world.name, template: "python", name, epoch: "abcd", number: 1, nonce };
    const pod = podOf(
      template(),
      { ...of, labels: ["python"], services: [db] },
      { env: {}, secret: null, podLabels: {}, program: "start-agent" },
    );
    world.cluster.put(pod as unknown as V1Pod);
    const at = bed.one.bus.clock.now();
    const living = { number: 1, nonce, template: "python", labels: ["python"], item: null, at, reason: "" };
    const ledger = { version: 1, master: world.name, owner: "gone", term: 3, epoch: "abcd", next: 2, live: [living] };
    await bed.one.bus.ledger.create(keys.ledger(world.name), ledger);
    bed.started(world, { changed: { templates: [template({ services: [{ name: "web", port: 80 }] })] } });
    await until(() => expect([...world.cluster.services.keys()]).toEqual([`${name}-db`]));
    const [saved] = await bed.records(world);
    expect(saved?.services).toEqual([db]);
  });

  test("with a clock that has run out is drained, though no collector answers at all", async () => {
    const world = bed.newWorld();
    const record = await bed.leftBehind(world, [{ type: "pod.accepted", uid: "uid-1" }]);
    world.cluster.put({ metadata: { name: record.name } });
    const started_ = bed.one.bus.clock.now();
    bed.one.service.answer(commands.freshRound, () => new Promise<never>(() => undefined), world.name);
    await bed.one.service.known();
    bed.started(world);
    await until(async () => expect((await bed.records(world))[0]?.state).not.toBe("scheduled"));
    expect(bed.one.bus.clock.now() - started_).toBeLessThan(3000);
    expect((await bed.records(world))[0]?.life.trail.at(-1)?.reason).toContain("no node took the pod in time");
  });

  test("written by a newer release is not touched, and the others are served", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    const newer = await bed.leftBehind(world, [{ type: "pod.accepted", uid: "uid-1" }], { version: 2 });
    world.cluster.put({ metadata: { name: newer.name } });
    world.wants("1");
    world.wants("2");
    bed.started(world);
    await until(() => expect(world.ran).toHaveLength(2));
    const [kept] = (await bed.records(world)).filter(({ version }) => version === 2);
    expect(kept).toEqual({ ...newer, op: kept?.op });
    expect(world.cluster.pods.has(newer.name)).toBe(true);
  });

  test("of a slave that is over is read and not held: a day's worth of them would fill the memory", async () => {
    const world = bed.newWorld();
    const living = await bed.leftBehind(world, []);
    for (const number of [2, 3, 4]) {
      const over = recordAfter([...ways.deleted, { type: "announced", upTo: 9 }], { master: world.name, number });
      await bed.one.bus.slaves.create(keys.slave(world.name, over.name), over);
    }
    const { supervisor } = bed.started(world);
    await until(() => expect(supervisor.isOwner()).toBe(true));
    expect([...supervisor.roster.all()].map(({ record }) => record.name)).toEqual([living.name]);
  });

  test("that can't be read is not touched, and the others are served", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    const record = await bed.leftBehind(world, []);
    const through = (bus: Bus): Bus => {
      const unreadable = new KubestackError("invalid-message", "can't be read", { retry: "never" });
      return {
        ...bus,
        slaves: {
          ...bus.slaves,
          each: (filter, handle, onUnreadable) =>
            bus.slaves.each(filter, (entry) => {
              if (entry.value.name === record.name) onUnreadable?.(unreadable);
              else handle(entry);
            }),
          get: async (key) => {
            if (key.endsWith(record.name)) throw unreadable;
            return bus.slaves.get(key);
          },
        },
      };
    };
    world.wants("1");
    bed.started(world, { through });
    await until(() => expect(world.ran).toHaveLength(1));
    expect(world.cluster.created).not.toContain(record.name);
  });

  test("as a late pod or node of a slave that is over is removed on sight; another installation's is not", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.wants("1");
    bed.started(world);
    await bed.isOver(world, 1);
    const [name = ""] = world.cluster.created;
    const annotations = (changed: Record<string, string>) => ({
      "kubestack.io/install": "test",
      "kubestack.io/master": world.name,
      "kubestack.io/epoch": name.slice(-5, -1),
      "kubestack.io/number": "1",
      "kubestack.io/nonce": "n",
      ...changed,
    });
    world.isFrozen = true;
    const foreign = { "kubestack.io/install": "another" };
    const otherLife = { "kubestack.io/epoch": "wxyz" };
    const future = { "kubestack.io/number": "2" };
    world.cluster.put({ metadata: { name: "foreign", annotations: annotations(foreign) } });
    world.cluster.put({ metadata: { name: "other-life", annotations: annotations(otherLife) } });
    world.cluster.put({ metadata: { name: "not-granted", annotations: annotations(future) } });
    world.cluster.put({ metadata: { name, annotations: annotations({}) } });
    const node = { labels: [], online: false, marked: false, build: null };
    world.attach.nodes.set(name, { ...node });
    world.attach.nodes.set(`${name.slice(0, -1)}v`, { ...node });
    world.attach.nodes.set("agent-of-somebody", { ...node });
    await until(() =>
      expect([[...world.cluster.pods.keys()].sort(), [...world.attach.nodes.keys()].sort()]).toEqual([
        ["foreign", "not-granted", "other-life"],
        ["agent-of-somebody", `${name.slice(0, -1)}v`],
      ]),
    );
  });
});

describe("a pod that fails", () => {
  test("before the answer to its create is saved is known all the same", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
    world.isFrozen = true;
    const { createPod } = world.cluster.calls;
    world.cluster.calls.createPod = async (namespace, pod) => {
      const created = await createPod(namespace, pod);
      world.cluster.set(pod.metadata?.name ?? "", { phase: "Failed", reason: "OutOfcpu", message: "node is full" });
      return created;
    };
    world.wants("1");
    bed.started(world);
    await until(async () => {
      const [record] = await bed.records(world);
      const left = record?.life.trail.find(({ state }) => state === "draining");
      expect(left?.reason).toBe("its node did not take the pod (OutOfcpu): node is full");
    });
  });

  test("while NATS does not answer is known afterwards", async () => {
    const world = bed.newWorld();
    await bed.collected(world);
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
    world.wants("1");
    const { supervisor } = bed.started(world, { through });
    await until(async () => expect((await bed.records(world))[0]?.state).toBe("scheduled"));
    world.isFrozen = true;
    await until(() => expect(world.cluster.secrets.size).toBe(1));
    away = true;
    const [name = ""] = world.cluster.created;
    world.cluster.set(name, { phase: "Failed", reason: "Evicted" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    away = false;
    await until(async () => {
      const [record] = await bed.records(world);
      expect(record?.life.pod.endedAt).not.toBeNull();
    });
    expect(supervisor.isOwner()).toBe(true);
  });
});
