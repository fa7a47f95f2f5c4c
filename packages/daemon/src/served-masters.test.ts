import type { Bus } from "@kubestack/bus";
import { configurationSchema, isJenkins, type ReadConfiguration } from "@kubestack/configuration";
import { type KeptMaster, KubestackError, keys, type ServiceName } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { beforeEach, describe, expect, test } from "vitest";
import type { Host, ServedMaster } from "./host.ts";
import { ServedMasters } from "./served-masters.ts";

const entryOf = (name: string, more: object = {}) => ({
  name,
  url: `http://${name}.example.org/`,
  token: "file:/t",
  ...more,
});

function file(...entries: { name: string }[]): ReadConfiguration {
  const configuration = configurationSchema.parse({
    kubernetes: { namespace: "ci" },
    masters: entries,
    templates: [{ name: "python", labels: ["python"], image: "i" }],
  });
  return { configuration, entries: new Map(entries.map((entry) => [entry.name, entry])) };
}

/** What NATS keeps of masters, and who supervises them. */
let kept: Map<string, { value: KeptMaster; revision: number }>;
let held: Set<string>;
let now: number;
let asked: string[];
let owned: Set<string>;

beforeEach(() => {
  kept = new Map();
  held = new Set();
  now = 0;
  asked = [];
  owned = new Set();
});

function keep(name: string, change: Partial<KeptMaster> = {}): void {
  const value = {
    version: 1,
    op: "op",
    master: name,
    install: "i",
    entry: entryOf(name),
    removedAt: null,
    order: null,
  };
  kept.set(name, { value: { ...value, ...change }, revision: 1 });
}

const bus = {
  clock: { now: () => 1000 + now },
  masters: {
    list: async () => [...kept].map(([key, entry]) => ({ key, ...entry })),
    update: async ({ key, revision }: { key: string; revision: number }, value: KeptMaster) => {
      if (kept.get(key)?.revision !== revision) throw new KubestackError("stale-revision", "changed meanwhile");
      const entry = { value, revision: revision + 1 };
      kept.set(key, entry);
      return { key, ...entry };
    },
  },
  leases: { get: async (key: string) => (held.has(key) ? { key } : undefined) },
} as unknown as Bus;

function host(service: ServiceName, how: Partial<Host> = {}): Host {
  return {
    service,
    isReady: () => true,
    concern: (config) => config,
    set: async ({ config, isListed }: ServedMaster) =>
      void asked.push(`set ${config.name}${isListed ? "" : ", removed"}`),
    remove: async (name) => void asked.push(`remove ${name}`),
    change: () => undefined,
    owns: (name) => owned.has(name),
    ...how,
  };
}

function serving(of: { hosts?: Host[]; pinned?: string[] } = {}): ServedMasters {
  const log = createLogger({ level: "silent" });
  const served = new ServedMasters({ bus, log, pinned: of.pinned, monotonic: () => now });
  for (const one of of.hosts ?? [host("slave-supervisor")]) served.add(one);
  return served;
}

/** A pass that has read what is kept; answers what was asked of the services in it. */
async function pass(served: ServedMasters, read: ReadConfiguration): Promise<string[]> {
  asked = [];
  await served.readKept();
  await served.pass(read);
  return asked;
}

describe("the masters of a process", () => {
  test("are touched only where they changed", async () => {
    const served = serving();
    expect(await pass(served, file(entryOf("a"), entryOf("b")))).toEqual(["set a", "set b"]);
    expect(await pass(served, file(entryOf("b"), entryOf("a")))).toEqual([]);
    expect(await pass(served, file(entryOf("a"), entryOf("b", { maxSlaves: 3 }), entryOf("c")))).toEqual([
      "set b",
      "set c",
    ]);
  });

  test("that concern a service otherwise are left as they are there", async () => {
    const collector = host("demand-collector", { concern: (config) => ({ url: isJenkins(config) && config.url }) });
    const served = serving({ hosts: [collector] });
    await pass(served, file(entryOf("a")));
    expect(await pass(served, file(entryOf("a", { maxSlaves: 3 })))).toEqual([]);
    expect(await pass(served, file(entryOf("a", { url: "http://other.example.org/" })))).toEqual(["set a"]);
  });

  test("that leave the file of their owner are drained, which is written down first; nobody else's are", async () => {
    const served = serving();
    for (const name of ["a", "b", "c"]) keep(name);
    await pass(served, file(entryOf("a"), entryOf("b"), entryOf("c")));
    owned.add("b");
    for (const name of ["b", "c"]) held.add(keys.lease("slave-supervisor", name));
    expect((await pass(served, file(entryOf("a")))).toSorted()).toEqual(["remove c", "set b, removed"]);
    expect(kept.get("b")?.value.removedAt).toBe(1000);
    expect(kept.get("c")?.value.removedAt).toBeNull();
    expect(await pass(served, file(entryOf("a"), entryOf("b")))).toEqual(["set b"]);
    expect(kept.get("b")?.value.removedAt).toBeNull();
    kept.delete("b");
    expect(await pass(served, file(entryOf("a")))).toEqual(["remove b"]);
  });

  test("that another process found gone are served here, too, by what is kept of them", async () => {
    const served = serving({ hosts: [host("slave-supervisor"), host("demand-collector")] });
    keep("b", { removedAt: 5 });
    expect((await pass(served, file(entryOf("a")))).toSorted()).toEqual([
      "set a",
      "set a",
      "set b, removed",
      "set b, removed",
    ]);
  });

  test("that nobody serves are taken for gone after a while", async () => {
    const served = serving();
    keep("b");
    expect(await pass(served, file(entryOf("a")))).toEqual(["set a"]);
    now = 9_999;
    expect(await pass(served, file(entryOf("a")))).toEqual([]);
    now = 10_000;
    expect(await pass(served, file(entryOf("a")))).toEqual(["set b, removed"]);
    expect(kept.get("b")?.value.removedAt).toBe(11_000);
  });

  test("of which only some may be served here are told where no running process may serve one", async () => {
    const served = serving({ pinned: ["a"] });
    keep("b", { removedAt: 5 });
    expect(await pass(served, file(entryOf("a"), entryOf("c")))).toEqual(["set a"]);
    expect(served.notes).toEqual([]);
    now = 10_000;
    expect(await pass(served, file(entryOf("a"), entryOf("c")))).toEqual([]);
    const told = "master b is out of the configuration and not empty, and no running process may serve it; ";
    expect(served.notes).toEqual([`${told}start a slave-supervisor without --masters`]);
    held.add(keys.lease("slave-supervisor", "b"));
    await pass(served, file(entryOf("a")));
    expect(served.notes).toEqual([]);
  });

  test("that can't be served as configured hold up no other, are told, and are tried again", async () => {
    let failure: Error | undefined = new Error("no certificates");
    const slow = Promise.withResolvers<void>();
    const one = host("slave-supervisor", {
      set: async ({ config: { name } }) => {
        if (name === "a" && failure !== undefined) throw failure;
        if (name === "b") await slow.promise;
        asked.push(`set ${name}`);
      },
    });
    const served = serving({ hosts: [one] });
    const read = file(entryOf("a"), entryOf("b"), entryOf("c"));
    const first = served.pass(read);
    await expect.poll(() => served.notes).toEqual(["master a can't be served as configured: no certificates"]);
    failure = undefined;
    await served.pass(read);
    expect([asked, served.notes]).toEqual([["set c", "set a"], []]);
    failure = new Error("no certificates");
    const changed = file(entryOf("a", { maxSlaves: 3 }), entryOf("c"));
    await served.pass(changed);
    expect(served.notes).toHaveLength(1);
    failure = undefined;
    slow.resolve();
    await first;
    expect(asked).toEqual(["set c", "set a", "set b"]);
  });
});
