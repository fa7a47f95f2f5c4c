import { KubestackError } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { type ManualTiming, manualTiming } from "@kubestack/runtime/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeCluster } from "../fake-cluster.fixture.ts";
import { type MemoryBus, memoryBus } from "../memory-bus.fixture.ts";
import { leaseName, StoreKeeper, type StoreStanding, storeLeaseMs } from "./store-keeper.ts";

let cluster: FakeCluster;
let timing: ManualTiming;
let store: Store;

/** A NATS, as far as its store can be told from another. */
class Store {
  readonly bus: MemoryBus;
  /** Of the ledgers, and the last revision of the records. */
  info = { madeAt: 1, lastRevision: 0 };
  records = 100;

  constructor() {
    const bus = memoryBus();
    const records = async () => ({ madeAt: 1, lastRevision: this.records });
    const [ledger, slaves] = [
      { ...bus.ledger, info: async () => this.info },
      { ...bus.slaves, info: records },
    ];
    this.bus = { ...bus, ledger, slaves };
  }

  get id(): string | undefined {
    return this.bus.store.entries.get("store")?.value.id;
  }

  keeper(install = "test"): StoreKeeper {
    const log = createLogger({ level: "silent" });
    return new StoreKeeper({ install, namespace: "ci", bus: this.bus, cluster: cluster.cluster, timing, log });
  }
}

beforeEach(() => {
  cluster = new FakeCluster();
  timing = manualTiming({ start: 1_000_000 });
  store = new Store();
});

const lease = () => cluster.leases.get("kubestack-test");
const away = async (): Promise<never> => {
  throw new KubestackError("cluster-unavailable", "no answer");
};

describe("a store", () => {
  test("is named once, and has the installation from then on, whoever asks", async () => {
    const [one, two] = [store.keeper(), store.keeper()];
    expect(one.standing()).toMatchObject({ state: "unknown", id: undefined });
    const standings = await Promise.all([one.check(), two.check()]);
    expect(standings.map(({ state, id }) => [state, id])).toEqual([
      ["ours", store.id],
      ["ours", store.id],
    ]);
    expect(lease()).toMatchObject({ holder: store.id, annotations: { "kubestack.io/install": "test" } });
    const id = store.id;
    expect((await store.keeper().check()).id).toBe(id);
  });

  test("has its Lease written anew now and then, not at each look", async () => {
    const keeper = store.keeper();
    await keeper.check();
    await keeper.check();
    const { revision } = lease() ?? {};
    await timing.advance(14_999);
    await keeper.check();
    expect(lease()?.revision).toBe(revision);
    await timing.advance(1);
    await keeper.check();
    expect(lease()?.revision).not.toBe(revision);
  });

  test.each<[string, () => void]>([
    ["whose ledgers were made anew", () => Object.assign(store, { info: { madeAt: 2, lastRevision: 9 } })],
    ["that was put back", () => Object.assign(store, { info: { madeAt: 1, lastRevision: 8 } })],
    ["whose records were put back", () => Object.assign(store, { records: 99 })],
    ["that was lost", () => store.bus.store.entries.clear()],
  ])("%s is another one, and that is told once; the Lease of the one that it was is waited for", async (_, change) => {
    store.info = { madeAt: 1, lastRevision: 9 };
    const keeper = store.keeper();
    const told: StoreStanding[] = [];
    keeper.onChange((standing) => told.push(standing));
    const { id } = await keeper.check();
    change();
    expect(await keeper.check()).toMatchObject({ state: "foreign", id: store.id });
    expect(store.id).not.toBe(id);
    for (let ms = 0; ms < storeLeaseMs; ms += 5_000) {
      expect((await keeper.check()).state).toBe("foreign");
      await timing.advance(5_000);
    }
    expect(await keeper.check()).toMatchObject({ state: "ours", id: store.id });
    expect(lease()?.holder).toBe(store.id);
    expect(told).toHaveLength(1);
  });

  test("that went on is the same", async () => {
    const keeper = store.keeper();
    const { id } = await keeper.check();
    store.info = { madeAt: 1, lastRevision: 70 };
    await keeper.check();
    store.info = { madeAt: 1, lastRevision: 70 };
    expect(await keeper.check()).toMatchObject({ state: "ours", id });
  });

  test("notes in its Lease how far it is, while it goes on", async () => {
    const keeper = store.keeper();
    await keeper.check();
    await keeper.check();
    store.info = { madeAt: 1, lastRevision: 7 };
    await timing.advance(4_000);
    await keeper.check();
    expect(lease()?.annotations["kubestack.io/store-revisions"]).toBe("7/100");
  });

  test("that was put back while nobody ran is told by what the Lease has seen of it", async () => {
    store.info = { madeAt: 1, lastRevision: 9 };
    const { id } = await store.keeper().check();
    store.info = { madeAt: 1, lastRevision: 5 };
    expect(await store.keeper().check()).toMatchObject({ state: "foreign", id: store.id });
    expect(store.id).not.toBe(id);
  });

  test("is not taken for one that was put back because another process has read it a moment later", async () => {
    const { id } = await store.keeper().check();
    const late = store.keeper();
    const { getLease } = cluster.calls;
    cluster.calls.getLease = async (namespace, name) => {
      store.info = { madeAt: 1, lastRevision: 5 };
      const there = await getLease(namespace, name);
      return there === undefined ? undefined : { ...there, annotations: { "kubestack.io/store-revisions": "5/100" } };
    };
    expect(await late.check()).toMatchObject({ state: "ours", id });
  });

  test("that two processes find lost at once gets one name", async () => {
    const [one, two] = [store.keeper(), store.keeper()];
    await Promise.all([one.check(), two.check()]);
    store.info = { madeAt: 2, lastRevision: 0 };
    const [a, b] = await Promise.all([one.check(), two.check()]);
    expect([a.id, b.id]).toEqual([store.id, store.id]);
  });
});

describe("the epochs of a master", () => {
  const kept = () => lease()?.annotations["kubestack.io/epochs"];

  test("are in the Lease once that is told, those of earlier ones besides, and are read from there", async () => {
    const keeper = store.keeper();
    await keeper.keepEpochs("one", ["aaaa"]);
    expect(kept()).toBe('{"one":["aaaa"]}');
    const other = store.keeper();
    await Promise.all([other.keepEpochs("two", ["cccc"]), other.keepEpochs("one", ["bbbb"])]);
    expect(kept()).toBe('{"one":["aaaa","bbbb"],"two":["cccc"]}');
    await keeper.check();
    expect([keeper.epochsOf("one"), keeper.epochsOf("three")]).toEqual([["aaaa", "bbbb"], []]);
  });

  test("outlive the store", async () => {
    await store.keeper().keepEpochs("one", ["aaaa"]);
    store.bus.store.entries.clear();
    const keeper = store.keeper();
    await keeper.check();
    await timing.advance(storeLeaseMs);
    await keeper.keepEpochs("one", ["bbbb"]);
    expect(kept()).toBe('{"one":["aaaa","bbbb"]}');
  });

  test("are all kept, though several processes write them at once", async () => {
    const keepers = Array.from({ length: 4 }, () => store.keeper());
    await Promise.all(keepers.map((keeper, at) => keeper.keepEpochs(`m${at}`, [`000${at}`])));
    expect(JSON.parse(kept() ?? "")).toEqual({ m0: ["0000"], m1: ["0001"], m2: ["0002"], m3: ["0003"] });
  });

  test("that are known are not written again", async () => {
    const keeper = store.keeper();
    await keeper.keepEpochs("one", ["aaaa"]);
    const { revision } = lease() ?? {};
    await keeper.keepEpochs("one", ["aaaa"]);
    expect(lease()?.revision).toBe(revision);
  });

  test("of a master that is left are forgotten, and kept again when it comes back", async () => {
    const keeper = store.keeper();
    await keeper.keepEpochs("one", ["aaaa"]);
    await keeper.keepEpochs("two", ["bbbb"]);
    keeper.forgetEpochs("one");
    await keeper.check();
    expect(kept()).toBe('{"two":["bbbb"]}');
    await keeper.keepEpochs("one", ["cccc"]);
    expect(kept()).toBe('{"two":["bbbb"],"one":["cccc"]}');
  });

  test("are written again where somebody deleted the Lease", async () => {
    const keeper = store.keeper();
    await keeper.keepEpochs("one", ["aaaa"]);
    cluster.leases.clear();
    await keeper.check();
    expect(kept()).toBe('{"one":["aaaa"]}');
  });

  test("that the cluster does not take are an error: no slave may be made before", async () => {
    const keeper = store.keeper();
    await keeper.check();
    const { getLease } = cluster.cluster;
    Object.assign(cluster.cluster, { getLease: away });
    await expect(keeper.keepEpochs("one", ["aaaa"])).rejects.toMatchObject({ code: "cluster-unavailable" });
    Object.assign(cluster.cluster, { getLease });
    await keeper.keepEpochs("one", ["aaaa"]);
    expect(kept()).toBe('{"one":["aaaa"]}');
  });
});

describe("another store that has the installation (H38)", () => {
  test("is let alone as long as it lives, and its end is waited for", async () => {
    const first = store.keeper();
    await first.check();
    const second = new Store().keeper();
    for (let ms = 0; ms < 3 * storeLeaseMs; ms += 5_000) {
      await first.check();
      expect((await second.check()).state).toBe("foreign");
      await timing.advance(5_000);
    }
    expect(second.standing().reason).toMatch(
      /^installation test belongs to another NATS store \(.*Lease kubestack-test/,
    );
    // The first is gone: nothing writes the Lease any more.
    await timing.advance(storeLeaseMs);
    expect((await second.check()).state).toBe("ours");
    // And if it was only away, it is the other's turn.
    const told: string[] = [];
    first.onChange(({ state }) => told.push(state));
    expect((await first.check()).state).toBe("foreign");
    expect(told).toEqual(["foreign"]);
  });

  test("of another installation is no other's business", async () => {
    await store.keeper("one").check();
    expect((await new Store().keeper("two").check()).state).toBe("ours");
    expect([...cluster.leases.keys()]).toEqual(["kubestack-one", "kubestack-two"]);
  });

  test("of two that begin at once, one has it", async () => {
    const states = (await Promise.all([store.keeper().check(), new Store().keeper().check()])).map(
      ({ state }) => state,
    );
    // Who lost the race does not know yet whose it is, and does nothing either.
    expect(states.sort()).toEqual(["ours", "unknown"]);
  });
});

describe("a cluster that does not answer", () => {
  test("lets the store be unknown at first, and known again when it answers", async () => {
    const { getLease } = cluster.calls;
    cluster.calls.getLease = away;
    const keeper = store.keeper();
    expect(await keeper.check()).toMatchObject({ state: "unknown", id: store.id });
    expect(keeper.standing().reason).toContain("no answer");
    cluster.calls.getLease = getLease;
    expect((await keeper.check()).state).toBe("ours");
  });

  test("changes nothing once the store is known: nobody else can take the Lease either", async () => {
    const keeper = store.keeper();
    await keeper.check();
    cluster.calls.getLease = away;
    await timing.advance(10 * storeLeaseMs);
    expect((await keeper.check()).state).toBe("ours");
  });

  test("but not what is another store by now", async () => {
    const keeper = store.keeper();
    await keeper.check();
    cluster.calls.getLease = away;
    store.info = { madeAt: 2, lastRevision: 0 };
    expect(await keeper.check()).toMatchObject({ state: "unknown", id: store.id });
  });

  test("holds nothing up for longer than a moment", async () => {
    cluster.calls.getLease = () => new Promise(() => undefined);
    const checked = store.keeper().check();
    await timing.asleep();
    await timing.advance(2_500);
    expect((await checked).state).toBe("unknown");
  });
});

test("a Lease's name is the installation's, or stands for it", () => {
  expect(leaseName("ks-1a2b3c")).toBe("kubestack-ks-1a2b3c");
  const strange = ["Prod", "a_b", "a/b", "a-", "ü", "x".repeat(300)].map(leaseName);
  expect(new Set(strange).size).toBe(6);
  for (const name of strange) expect(name).toMatch(/^kubestack-x-[0-9a-f]{40}$/);
});
