import { keys, type SlaveRecord } from "@kubestack/contracts";
import { newLedger } from "@kubestack/demand";
import { createLogger } from "@kubestack/runtime";
import { manualTiming } from "@kubestack/runtime/testing";
import { slaveName } from "@kubestack/slave";
import { objectAnnotations, objectLabels, podAnnotations } from "@kubestack/templates";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { DemandView } from "../demand-view.ts";
import { FakeAttach } from "../fake-attach.fixture.ts";
import { FakeCluster } from "../fake-cluster.fixture.ts";
import { LedgerKeeper } from "../ledger-keeper.ts";
import type { MasterOptions, MasterScope } from "../master-scope.ts";
import { type MemoryBus, memoryBus } from "../memory-bus.fixture.ts";
import { NodeBudget } from "../node-budget/node-budget.ts";
import { Roster } from "../roster.ts";
import { recordIn, template } from "../slave-record.fixture.ts";
import { steadyStore } from "../world.fixture.ts";
import { Rebuild } from "./rebuild.ts";
import { secondLookMs } from "./removals.ts";
import { Resync } from "./resync.ts";
import type { Borne } from "./take-ledger.ts";

let bus: MemoryBus;
let cluster: FakeCluster;
let attach: FakeAttach;
let scope: MasterScope & { ledger: LedgerKeeper };
let resync: Resync;
let behind: readonly Borne[];
let isTrusted: boolean;

beforeEach(async () => {
  bus = memoryBus();
  cluster = new FakeCluster();
  attach = new FakeAttach();
  behind = [];
  isTrusted = true;
  const log = createLogger({ level: "silent" });
  await bus.ledger.create(keys.ledger("m"), {
    ...newLedger({ master: "m", owner: "o", epoch: "abcd", op: "" }),
    next: 5,
  });
  const options = {
    ...{ install: "test", name: "m", namespace: "ci", attach: attach.mode, templates: [template()] },
    ...{ bus, store: steadyStore, cluster: cluster.cluster, pods: cluster.source, log, timing: manualTiming() },
  } as unknown as MasterOptions;
  scope = {
    options,
    standing: {} as MasterScope["standing"],
    unserved: new Set(),
    roster: new Roster({
      ...{ bus, log, isOwner: () => true, carryOut: () => undefined, mayHaveBegun: () => undefined },
      ...{ onOvertaken: () => undefined, onMoved: () => undefined },
    }),
    demand: {
      isMasterKnown: () => true,
      get source() {
        return { computers: attach.computers() };
      },
    } as unknown as DemandView,
    ledger: await LedgerKeeper.takeOver(bus, "m"),
    nodes: new NodeBudget({ perSecond: 1000, timing: manualTiming(), removesFirst: () => false }),
    isOwner: () => true,
    isTrusted: () => isTrusted,
  };
  resync = new Resync(scope, (ahead) => {
    behind = ahead;
  });
});

const of = (epoch: string, number: number) => {
  const name = slaveName({ master: "m", epoch, number });
  return {
    install: "test",
    master: "m",
    template: "python",
    name,
    epoch,
    number,
    nonce: `nonce-${number}`,
    labels: [],
  };
};
type Identity = ReturnType<typeof of>;
const pod = (identity: Identity) => ({
  metadata: { name: identity.name, labels: objectLabels(identity), annotations: podAnnotations(identity) },
});
const secret = (identity: Identity) =>
  cluster.calls.createSecret("ci", {
    metadata: { name: identity.name, labels: objectLabels(identity), annotations: objectAnnotations(identity) },
  });
const record = (epoch: string, number: number, changed: Partial<SlaveRecord> = {}) => {
  const { name } = of(epoch, number);
  return bus.slaves.create(keys.slave("m", name), recordIn("busy", { epoch, number, name, ...changed }));
};

/** Ticks until a minute and a half is over, with time for what each tick begins. */
async function pass(ms: number): Promise<void> {
  for (const end = bus.time + ms; bus.time < end; bus.time += 2_500) {
    resync.tick(bus.time);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

const node = { labels: [], online: false, marked: false, build: null };

describe("what nobody knows", () => {
  test("goes at its second look, pod first, then node and Secret, until nothing is left", async () => {
    const strays = of("0000", 7);
    cluster.ownedLingers = true;
    cluster.put(pod(strays));
    await secret(strays);
    attach.nodes.set(strays.name, { ...node });
    await pass(secondLookMs - 5_000);
    expect([cluster.pods.size, cluster.secrets.size, attach.nodes.size]).toEqual([1, 1, 1]);
    await pass(10_000);
    expect([cluster.pods.size, cluster.secrets.size, attach.nodes.size]).toEqual([0, 1, 1]);
    await pass(3 * secondLookMs);
    // Of an epoch that nothing bears any more the node may be anybody's.
    expect([cluster.pods.size, cluster.secrets.size, attach.nodes.size]).toEqual([0, 0, 1]);
  });

  test("is left where the master shows its agent by now, though the round did not", async () => {
    const burnt = of("abcd", 3);
    attach.nodes.set(burnt.name, { ...node });
    const { look } = attach.mode;
    Object.assign(attach.mode, {
      look: async (...args: Parameters<typeof look>) => {
        const shown = await look(...args);
        return shown === null ? null : { ...shown, computer: { ...shown.computer, online: true } };
      },
    });
    await pass(20_000);
    expect(attach.nodes.size).toBe(1);
    Object.assign(attach.mode, { look });
    await pass(20_000);
    expect(attach.nodes.size).toBe(0);
  });

  test("is left and told where an agent is online", async () => {
    const strays = of("0000", 7);
    cluster.put(pod(strays));
    attach.nodes.set(strays.name, { ...node, online: true });
    await pass(2 * secondLookMs);
    expect(cluster.pods.size).toBe(1);
    expect(resync.report).toMatch(
      /^pod ks-m-00007 belongs to no slave and is left alone: the master shows its agent online, or at work, and 1 more$/,
    );
    attach.nodes.set(strays.name, { ...node });
    await pass(2 * secondLookMs);
    expect([cluster.pods.size, resync.report]).toEqual([0, undefined]);
  });

  describe("of a Service", () => {
    const service = (identity: Identity) =>
      cluster.calls.createService("ci", {
        metadata: {
          name: `${identity.name}-db`,
          labels: objectLabels(identity),
          annotations: objectAnnotations(identity),
        },
      });
    const named = [template({ services: [{ name: "db", port: 5432 }] })];

    test("goes where a template has any; else none are asked for, since the right to may be missing", async () => {
      const strays = of("0000", 7);
      await service(strays);
      cluster.calls.listServices = vi.fn(cluster.calls.listServices);
      await pass(3 * secondLookMs);
      expect(cluster.calls.listServices).not.toHaveBeenCalled();
      expect(cluster.services.size).toBe(1);
      Object.assign(scope.options, { templates: named });
      await pass(3 * secondLookMs);
      expect(cluster.services.size).toBe(0);
    });

    test("stays while its pod is there, though the watch does not show that", async () => {
      const strays = of("0000", 7);
      Object.assign(scope.options, { templates: named });
      await service(strays);
      const { getPod } = cluster.calls;
      cluster.calls.getPod = async (_namespace, name) =>
        name === strays.name ? ({ metadata: { uid: "u" } } as Awaited<ReturnType<typeof getPod>>) : undefined;
      await pass(3 * secondLookMs);
      expect(cluster.services.size).toBe(1);
      cluster.calls.getPod = getPod;
      await pass(3 * secondLookMs);
      expect(cluster.services.size).toBe(0);
    });
  });

  test("a Secret is left while its pod is there, though the watch does not show that", async () => {
    const strays = of("0000", 7);
    await secret(strays);
    const { getPod } = cluster.calls;
    cluster.calls.getPod = async () => ({ metadata: { name: strays.name } });
    await pass(3 * secondLookMs);
    expect(cluster.secrets.size).toBe(1);
    cluster.calls.getPod = getPod;
    await pass(3 * secondLookMs);
    expect(cluster.secrets.size).toBe(0);
  });

  test("a record that the ledger does not name goes, if nothing of its slave is there", async () => {
    const { value } = await record("0000", 7);
    resync.begin([value.name]);
    cluster.put(pod(of("0000", 7)));
    await pass(secondLookMs + 10_000);
    expect([bus.slaves.entries.size, cluster.pods.size]).toEqual([1, 0]);
    await pass(2 * secondLookMs);
    expect(bus.slaves.entries.size).toBe(0);
  });

  test.each<["ready" | "not-ready", number]>([
    ["ready", 1],
    ["not-ready", 0],
  ])("a pod that does not go is taken out by force only where its machine is dead: %s", async (health, left) => {
    cluster.put(pod(of("abcd", 3)));
    cluster.set("ks-m-abcd3", { phase: "Running" }, "node-1");
    cluster.machines.set("node-1", health);
    cluster.podsLinger = true;
    await pass(4 * secondLookMs);
    expect(cluster.pods.size).toBe(left);
  });
});

test("numbers that the ledger has not given make it read anew, and nothing is removed by it", async () => {
  cluster.put(pod(of("abcd", 9)));
  cluster.put(pod(of("abcd", 3)));
  await pass(2_500);
  expect(behind).toEqual([{ epoch: "abcd", number: 9 }]);
  expect(cluster.pods.size).toBe(2);
});

test("while the ledger is not compared with the pods, or the watch is not whole, nothing is judged", async () => {
  cluster.put(pod(of("abcd", 3)));
  isTrusted = false;
  await pass(2 * secondLookMs);
  expect(cluster.pods.size).toBe(1);
  isTrusted = true;
  await pass(5_000);
  expect(cluster.pods.size).toBe(0);
});

describe("the rebuild", () => {
  const settled = async (rebuild: Rebuild): Promise<void> => {
    rebuild.begin();
    await vi.waitFor(async () => {
      await rebuild.catchUp();
      expect(rebuild.isDone).toBe(true);
    });
  };

  test("names a slave again by its pod, makes its record, and finds its pod", async () => {
    const { uid } = cluster.put(pod(of("0000", 7)));
    await settled(new Rebuild(scope));
    const slave = scope.roster.get("ks-m-00007");
    expect(slave?.record).toMatchObject({ state: "scheduled", nonce: "nonce-7", template: "python", item: null });
    expect(slave?.record.life.pod.uid).toBe(uid);
    expect(scope.ledger.names({ epoch: "0000", number: 7 })).toBe(true);
  });

  test("goes on with a record that is there, and doubts what it says of marks", async () => {
    const { uid } = cluster.put(pod(of("0000", 7)));
    const life = recordIn("busy").life;
    await record("0000", 7, { life: { ...life, markedAt: 5, pod: { ...life.pod, uid } } });
    await settled(new Rebuild(scope));
    expect(scope.roster.get("ks-m-00007")?.record).toMatchObject({ state: "busy", life: { markedAt: null } });
  });

  test("lets a slave of an earlier epoch that has no pod go, and makes none for it", async () => {
    await scope.ledger.grant([{ nonce: "n", template: "python", labels: [], item: null, at: 1, reason: "r" }]);
    await scope.ledger.rebuild([], true);
    await settled(new Rebuild(scope));
    expect([...scope.roster.all()].map(({ record: { name, state, life } }) => [name, state, life.outcome])).toEqual([
      ["ks-m-abcd5", "draining", "withdrawn"],
    ]);
    expect(cluster.created).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      "whose record is over",
      () => record("0000", 7, recordIn("deleted", { epoch: "0000", number: 7, name: "ks-m-00007" })),
    ],
    ["whose record has another nonce", () => record("0000", 7, { nonce: "other" })],
    ["whose record a newer release wrote", () => record("0000", 7, { version: 99 })],
  ])("leaves a pod %s", async (_, there) => {
    cluster.put(pod(of("0000", 7)));
    await there();
    await settled(new Rebuild(scope));
    expect([...scope.roster.all()]).toEqual([]);
  });

  test("gives a ledger that is behind another epoch", async () => {
    cluster.put(pod(of("abcd", 9)));
    await settled(new Rebuild(scope));
    expect(scope.ledger.ledger.epoch).not.toBe("abcd");
    expect(scope.ledger.ledger.epochs).toEqual(["abcd"]);
    expect([...scope.roster.all()].map(({ record: { name } }) => name)).toEqual(["ks-m-abcd9"]);
  });

  test("is not done while the cluster is not listed, or does not answer", async () => {
    cluster.put(pod(of("0000", 7)));
    const rebuild = new Rebuild(scope);
    const pods = { ...cluster.source, status: () => ({ state: "disconnected", since: 0 }) as const };
    const unlisted = new Rebuild({ ...scope, options: { ...scope.options, pods } });
    unlisted.begin();
    await unlisted.catchUp();
    expect([unlisted.isDone, scope.ledger.ledger.live.length]).toEqual([false, 0]);
    const { getPod } = cluster.calls;
    cluster.calls.getPod = () => Promise.reject(new Error("no answer"));
    rebuild.begin();
    await rebuild.catchUp();
    expect(rebuild.isDone).toBe(false);
    cluster.calls.getPod = getPod;
    rebuild.begin();
    await rebuild.catchUp();
    expect(rebuild.isDone).toBe(true);
  });
});
