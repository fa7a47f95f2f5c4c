import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asked, decided, GiB, minuteMs, names, needs, node, pod, pool, situation } from "../capacity.fixture.ts";
import type { CapacitySituation } from "../situation.ts";
import { decideCapacity } from "./decide.ts";

const wanted = (count: number, of = needs()) => [{ needs: of, names: names(count) }];
const why = (of: Partial<CapacitySituation>) =>
  Object.fromEntries(decided(of).unplaced.flatMap(({ because }) => because.map((one) => [one.pool, one.reason])));

describe("what is asked for", () => {
  test.each<[what: string, of: Partial<CapacitySituation>, expected: Record<string, number>]>([
    ["nothing where nothing waits", {}, {}],
    ["a node from zero, by the declared shape", { wanted: wanted(1) }, { a: 1 }],
    ["as many as the pods fill: four of two cores to a node of eight", { wanted: wanted(10) }, { a: 3 }],
    ["nothing where present nodes have room", { wanted: wanted(8), nodes: [node("n1"), node("n2")] }, {}],
    ["what is missing beside present nodes", { wanted: wanted(10), nodes: [node("n1"), node("n2")] }, { a: 1 }],
    ["nothing for nodes that are cordoned", { wanted: wanted(1), nodes: [node("n1", { isCordoned: true })] }, { a: 1 }],
    [
      "slaves that are planned and pods that wait, each once by name",
      { wanted: [{ needs: needs(), names: ["s1", "s2", "s3"] }], pods: [pod("s3"), pod("s4")] },
      { a: 1 },
    ],
    ["nothing for pods on their way out", { pods: [pod("s1", { isEnding: true })] }, {}],
    ["nothing for others' pods", { pods: [pod("x", { kind: "other" })] }, {}],
    [
      "room that pods on a node take is taken",
      { wanted: wanted(4), nodes: [node("n1")], pods: [pod("x", { node: "n1", kind: "other" })] },
      { a: 1 },
    ],
    [
      "what placeholder pods hold is free",
      { wanted: wanted(4), nodes: [node("n1")], pods: [pod("x", { node: "n1", kind: "headroom" })] },
      {},
    ],
    ["the pool's minimum", { pools: [pool("a", { min: 2 })] }, { a: 2 }],
    ["a minimum first of all takes what waits", { pools: [pool("a", { min: 2 })], wanted: wanted(8) }, { a: 2 }],
    ["no more than the maximum", { pools: [pool("a", { max: 2 })], wanted: wanted(100) }, { a: 2 }],
    [
      "nodes that are not ready, and that others asked for, as nodes on their way",
      { wanted: wanted(4), nodes: [node("n1", { isReady: false })] },
      {},
    ],
  ])("%s", (_what, of, expected) => expect(asked(decided(of))).toEqual(expected));

  test("says how many, why, and for whom", () => {
    const [target] = decided({ wanted: wanted(5), nodes: [node("n1")] }).targets;
    expect(target).toMatchObject({ size: 2, present: 1, coming: 0, ask: 1, pods: ["s5"], arrival: null, hold: null });
    expect(target?.reason).toBe("1 node for 1 pod that no node has room for");
  });

  test("decided again with what was asked for, it asks for nothing", () => {
    const of = situation({ wanted: wanted(10), pools: [pool("a"), pool("b", { min: 1 })] });
    const first = decideCapacity(of);
    const again = decideCapacity({ ...of, memories: first.memories, now: of.now + 1000 });
    expect([asked(first), asked(again)]).toEqual([{ a: 2, b: 1 }, {}]);
    expect(again.targets.map(({ size }) => size)).toEqual(first.targets.map(({ size }) => size));
    expect(again.targets[0]?.reason).toMatch(/^\d nodes? on the way, for \d+ pods?$/);
  });
});

describe("which pools", () => {
  const cheap = pool("cheap", { pricePerHour: 0.1, isSpot: true });
  const dear = pool("dear");
  test.each<[what: string, of: Partial<CapacitySituation>, expected: Record<string, number>]>([
    ["the cheapest that the pods fit", { pools: [dear, cheap], wanted: wanted(4) }, { cheap: 1 }],
    [
      "the small one for the rest, where that is cheaper",
      {
        pools: [dear, pool("small", { shape: { cpu: 2000, memory: 8 * GiB, pods: 20 }, pricePerHour: 0.12 })],
        wanted: wanted(5),
      },
      { dear: 1, small: 1 },
    ],
    [
      "of two that cost the same, spot",
      { pools: [dear, pool("spot", { isSpot: true })], wanted: wanted(4) },
      { spot: 1 },
    ],
    [
      "the template's pools in their order, whatever they cost",
      { pools: [cheap, dear], wanted: wanted(4, needs({ pools: ["dear", "cheap"] })) },
      { dear: 1 },
    ],
    [
      "the next of them where the first has no more to give",
      { pools: [{ ...cheap, max: 1 }, dear], wanted: wanted(8, needs({ pools: ["cheap", "dear"] })) },
      { cheap: 1, dear: 1 },
    ],
    [
      "no pool but those that the template names",
      { pools: [{ ...cheap, max: 1 }, dear], wanted: wanted(8, needs({ pools: ["cheap"] })) },
      { cheap: 1 },
    ],
    [
      "a tainted one for those only that tolerate it",
      {
        pools: [{ ...cheap, taints: [{ key: "ci", effect: "NoSchedule" }] }, dear],
        wanted: [
          { needs: needs(), names: names(4) },
          { needs: needs({ tolerations: [{ key: "ci", operator: "Exists" }] }), names: names(4, "t") },
        ],
      },
      { cheap: 1, dear: 1 },
    ],
    [
      "those whose nodes carry what the selector wants",
      { pools: [cheap, dear], wanted: wanted(1, needs({ nodeSelector: { pool: "dear" } })) },
      { dear: 1 },
    ],
    [
      "those that node affinity takes",
      {
        pools: [cheap, dear],
        wanted: wanted(1, needs({ affinity: [[{ key: "pool", operator: "NotIn", values: ["cheap"] }]] })),
      },
      { dear: 1 },
    ],
    [
      "those in a zone where the volumes are",
      {
        pools: [
          { ...cheap, zones: ["a"] },
          { ...dear, zones: ["a", "b"] },
        ],
        wanted: wanted(1, needs({ zones: ["b"] })),
      },
      { dear: 1 },
    ],
    [
      "as much as the limits on all pools allow",
      { pools: [cheap, dear], limits: { pricePerHour: 0.25 }, wanted: wanted(40) },
      { cheap: 2 },
    ],
    ["no more cpu than the limit", { limits: { cpu: 20_000 }, wanted: wanted(40) }, { a: 2 }],
  ])("%s", (_what, of, expected) => expect(asked(decided(of))).toEqual(expected));
});

describe("what pods ask of each other", () => {
  const own = [{ key: "app", operator: "In" as const, values: ["x"] }];
  const labels = { app: "x" };
  test("one to a node", () => {
    const alone = needs({ apart: [{ topologyKey: "kubernetes.io/hostname", selector: own }], labels });
    expect(asked(decided({ wanted: wanted(3, alone), nodes: [node("n1")] }))).toEqual({ a: 2 });
  });

  test("a pod that is there keeps others off, too", () => {
    const alone = needs({ apart: [{ topologyKey: "kubernetes.io/hostname", selector: own }] });
    const pods = [pod("x", { node: "n1", kind: "other", needs: alone })];
    expect(asked(decided({ wanted: wanted(1, needs({ labels })), nodes: [node("n1")], pods }))).toEqual({ a: 1 });
  });

  test("spread over nodes: on three nodes one each before a second", () => {
    const spread = needs({ spread: [{ topologyKey: "kubernetes.io/hostname", maxSkew: 1, selector: own }], labels });
    const nodes = ["n1", "n2"].map((name) => node(name));
    expect(asked(decided({ wanted: wanted(4, spread), nodes }))).toEqual({});
    const pods = [pod("x1", { node: "n1", needs: spread }), pod("x2", { node: "n1", needs: spread })];
    expect(decided({ wanted: wanted(2, spread), nodes, pods }).unplaced).toEqual([]);
  });

  test("spread over zones by pools of one zone each", () => {
    const zone = "topology.kubernetes.io/zone";
    const pools = ["a", "b"].map((name) => pool(name, { nodeLabels: { pool: name, [zone]: name } }));
    const nodes = ["a", "b"].map((name) => node(`n-${name}`, { pool: name, labels: { pool: name, [zone]: name } }));
    const pods = nodes.map(({ name }) => pod(`full-${name}`, { node: name, kind: "other", needs: needs({}, 8000) }));
    const spread = needs({ spread: [{ topologyKey: zone, maxSkew: 1, selector: own }], labels });
    expect(asked(decided({ pools, nodes, pods, wanted: wanted(4, spread) }))).toEqual({ a: 1, b: 1 });
  });
});

describe("what a node has for pods", () => {
  test.each<[what: string, of: Partial<CapacitySituation>, expected: Record<string, number>]>([
    ["less what its system keeps", { pools: [pool("a", { overhead: { cpu: 500 } })], wanted: wanted(4) }, { a: 2 }],
    ["less what the cluster puts on every node", { daemons: [needs({}, 100, GiB)], wanted: wanted(4) }, { a: 2 }],
    [
      "what daemons' pods on other nodes show",
      {
        nodes: [node("n1", { pool: null, isCordoned: true })],
        pods: [pod("d", { kind: "daemon", node: "n1", needs: needs({}, 100, GiB) })],
        wanted: wanted(4),
      },
      { a: 2 },
    ],
    [
      "as the pool's newest node has it",
      {
        nodes: [node("n1", { allocatable: { cpu: 7900, memory: 32 * GiB, pods: 58 }, isCordoned: true })],
        wanted: wanted(4),
      },
      { a: 2 },
    ],
  ])("%s", (_what, of, expected) => expect(asked(decided(of))).toEqual(expected));

  test("is remembered when the last of them is gone", () => {
    const small = node("n1", { allocatable: { cpu: 7900, memory: 32 * GiB, pods: 58 } });
    const { memories } = decided({ nodes: [small] });
    expect(asked(decided({ memories, wanted: wanted(4) }))).toEqual({ a: 2 });
  });
});

describe("what finds no place is told, pool by pool", () => {
  test.each<[what: string, of: Partial<CapacitySituation>, reason: string]>([
    [
      "too large",
      { wanted: wanted(1, needs({}, 16_000)) },
      "the pod asks for 16 cpu, and an empty node of it has 8 cpu",
    ],
    [
      "no such device",
      { wanted: wanted(1, { requests: { "nvidia.com/gpu": 1 } }) },
      "the pod asks for 1 nvidia.com/gpu, and an empty node of it has 0 nvidia.com/gpu",
    ],
    [
      "another label",
      { wanted: wanted(1, needs({ nodeSelector: { arch: "arm64" } })) },
      "its nodes lack the label arch=arm64",
    ],
    [
      "a taint",
      { pools: [pool("a", { taints: [{ key: "ci", value: "x", effect: "NoExecute" }] })], wanted: wanted(1) },
      "the pod does not tolerate its taint ci=x:NoExecute",
    ],
    ["other pools", { wanted: wanted(1, needs({ pools: ["b"] })) }, "the template names other pools: b"],
    ["full", { pools: [pool("a", { max: 0 })], wanted: wanted(1) }, "it has its maximum of 0 nodes"],
    [
      "limits",
      { limits: { memory: GiB }, wanted: wanted(1) },
      "one more of its nodes would be over the limits of all pools together",
    ],
    [
      "zones",
      { pools: [pool("a", { zones: ["a"] })], wanted: wanted(1, needs({ zones: ["b"] })) },
      "the pod's volumes are in b",
    ],
  ])("%s", (_what, of, reason) => expect(why(of)).toEqual({ a: reason }));
});

describe("a pool that does not deliver", () => {
  const pools = [pool("spot", { pricePerHour: 0.1 }), pool("dear")];
  const at = (now: number, of: Partial<CapacitySituation>) => decided({ pools, wanted: wanted(8), now, ...of });

  test("is held, longer each time, and the next one is used; then it is tried with one node", () => {
    const first = at(0, {});
    expect(asked(first)).toEqual({ spot: 2 });
    const second = at(10 * minuteMs, { memories: first.memories });
    expect(asked(second)).toEqual({ dear: 2 });
    const [spot] = second.targets;
    expect([spot?.size, spot?.reason]).toEqual([0, "it is held: 2 nodes have not come within 600 s"]);
    expect(spot?.hold).toEqual({ until: 11 * minuteMs, because: "2 nodes have not come within 600 s" });
    const third = at(12 * minuteMs, { memories: second.memories, wanted: wanted(40) });
    expect(asked(third)).toMatchObject({ spot: 1 });
    const fourth = at(22 * minuteMs, { memories: third.memories, wanted: wanted(40) });
    expect(fourth.targets[0]?.hold?.until).toBe(24 * minuteMs);
  });

  test("is as before once a node comes in time, and says how soon the next ones will", () => {
    const failed = at(12 * minuteMs, {
      memories: at(10 * minuteMs, { memories: at(0, {}).memories }).memories,
      wanted: wanted(40),
    });
    const spot = node("n1", { pool: "spot", createdAt: 12 * minuteMs });
    const came = at(13 * minuteMs, { memories: failed.memories, nodes: [spot], wanted: wanted(40) });
    expect(came.memories.get("spot")).toMatchObject({ failures: 0, hold: null, arrivals: [minuteMs] });
    expect(came.targets[0]?.arrival).toEqual({ p50Ms: minuteMs, p95Ms: minuteMs, of: 1 });
  });

  test("one that delivers less is held for what is missing", () => {
    const first = at(0, {});
    const came = at(minuteMs, { memories: first.memories, nodes: [node("n1", { pool: "spot" })] });
    expect(came.targets[0]).toMatchObject({ present: 1, coming: 1, ask: 0 });
    const late = at(10 * minuteMs, { memories: came.memories, nodes: [node("n1", { pool: "spot" })] });
    expect(late.targets[0]?.hold?.because).toBe("1 node has not come within 600 s");
  });
});

test("a node that never became ready takes its place, and is neither there nor on its way", () => {
  const nodes = [node("n1", { isReady: false, createdAt: -20 * minuteMs })];
  const [target] = decided({ nodes, wanted: wanted(4), pools: [pool("a", { max: 2 })] }).targets;
  expect(target).toMatchObject({ size: 2, present: 1, coming: 0, ask: 1 });
  expect(decided({ nodes, wanted: wanted(4), pools: [pool("a", { max: 1 })] }).targets[0]?.ask).toBe(0);
});

test("a node on its way out is kept where pods need it, before another is bought", () => {
  const removals = [{ node: "n1", pool: "a", step: "cordoned" as const, since: 0, reason: "" }];
  const nodes = [node("n1", { isCordoned: true })];
  const decision = decided({ nodes, removals, wanted: wanted(2) });
  expect([asked(decision), [...decision.kept]]).toEqual([{}, [["n1", "s1 and 1 more pods need it"]]]);
});

test("whatever waits and is there: no pool over its maximum, no pod bought for twice, and each is placed or told", () => {
  const someNeeds = fc.record({
    cpu: fc.constantFrom(500, 2000, 7000, 9000),
    pools: fc.constantFrom<(string[] | undefined)[]>(undefined, ["a", "b"], ["b"]),
  });
  fc.assert(
    fc.property(fc.array(someNeeds, { maxLength: 40 }), fc.nat(4), fc.nat(6), (pods, nodes, max) => {
      const all = pods.map(({ cpu, pools }, at) =>
        pod(`s${at}`, { needs: needs(pools === undefined ? {} : { pools }, cpu) }),
      );
      const there = Array.from({ length: nodes }, (_none, at) => node(`n${at}`));
      const pools = [pool("a", { max: Math.max(max, nodes) }), pool("b", { max, pricePerHour: 0.3 })];
      const decision = decided({ pools, pods: all, nodes: there });
      for (const [at, { size, pods: of }] of decision.targets.entries()) {
        expect(size).toBeLessThanOrEqual(pools[at]?.max ?? 0);
        expect(new Set(of).size).toBe(of.length);
      }
      const told = decision.unplaced.flatMap(({ names: some }) => some);
      const bought = decision.targets.flatMap(({ pods: of }) => of);
      expect(new Set([...told, ...bought]).size).toBe(told.length + bought.length);
      const fits = all.filter(({ needs: { requests } }) => (requests.cpu ?? 0) <= 8000);
      for (const { name } of all) if (!fits.some((one) => one.name === name)) expect(told).toContain(name);
    }),
    { numRuns: 60 },
  );
});
