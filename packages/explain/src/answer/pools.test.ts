import { keys, type PoolStanding, type PoolsReply } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { demand, item, masterStatus, noon, plan, serviceStatus, slave } from "../records.fixture.ts";
import type { Observation } from "../seen/observation.ts";
import { explanationOf } from "./explanation.ts";

const spot: PoolStanding = {
  ...{ pool: "spot", target: "scale", isDryRun: false, isSpot: true, isKnown: true, ready: 22, nodes: 22, coming: 2 },
  ...{ wanted: 24, min: 0, max: 40, pricePerHour: 0.19, used: 0.81, hold: null, trouble: "", leaving: [] },
  ...{ arrival: { p50Ms: 68_000, p95Ms: 95_000, of: 20 }, reason: "2 pods of 4 cpu do not fit" },
  ...{ slaves: ["ks-backend-1", "ks-backend-2"], last: { at: noon - 5000, event: "scaled", reason: "22 -> 24" } },
};

function seen(pools: Partial<PoolsReply> | undefined, slaves: Observation["slaves"] = []): Observation {
  const [source] = demand("backend", [item("412")]).sources;
  const answer = { state: "ok" as const, status: serviceStatus("slave-supervisor", [masterStatus("backend")]) };
  return {
    services: { "demand-collector": answer, "completion-collector": answer, "slave-supervisor": answer },
    ...{
      slaves,
      unreadable: 0,
      kept: new Map(),
      holders: new Map([[keys.lease("slave-supervisor", "backend"), "k-1"]]),
      newestStamp: noon,
    },
    rounds: source === undefined ? new Map() : new Map([["backend", { source, publishedAt: noon }]]),
    plans: new Map([
      ["backend", plan("backend", [["412", "slave-coming", "ks-backend-1 is scheduled and will take it"]])],
    ]),
    pools: pools && { isLeader: true, at: noon, pools: [], unplaced: [], ...pools },
  };
}

const explain = (what: string, of: Observation) => explanationOf(of, { what, now: noon });
const waiting = slave("ks-backend-1", "scheduled", {
  since: noon - 38_000,
  life: { pod: { waitsOn: "node", node: null } },
});

describe("a node pool", () => {
  test("is explained with its size, its target, for whom nodes come, and how soon", () => {
    expect(explain("spot", seen({ pools: [spot] }))).toMatchObject({
      kind: "pool",
      name: "spot",
      master: null,
      sentence: "Pool spot has 22 ready nodes and 2 on their way, and is to have 24.",
      evidence: [
        {
          at: null,
          fact: "its target is scale, 0 to 40 nodes, spot, 0.19 an hour each, 81% of its nodes is asked for",
        },
        { at: noon, fact: "decided: 2 pods of 4 cpu do not fit" },
        { at: null, fact: "nodes come for ks-backend-1, ks-backend-2" },
        { at: null, fact: "its last 20 nodes took p50 68s, p95 95s" },
        { at: noon - 5000, fact: "last: scaled, 22 -> 24" },
      ],
      next: null,
    });
  });

  test.each<[string, Partial<PoolStanding>, string]>([
    [
      "that nobody has read",
      { isKnown: false, trouble: "nodes can't be listed." },
      "Pool spot has an unknown number of nodes; nothing is asked of it: nodes can't be listed.",
    ],
    [
      "that is held",
      { hold: { until: noon + 60_000, because: "2 nodes did not come" } },
      "Pool spot has 22 ready nodes and 2 on their way, and is to have 24; nothing is asked of it: held until 2026-03-04T12:01Z: 2 nodes did not come.",
    ],
    ["of one node", { ready: 1, nodes: 1, coming: 0, wanted: 1 }, "Pool spot has 1 ready node, and is to have 1."],
  ])("%s is told so", (_, change, sentence) =>
    expect(explain("pool:spot", seen({ pools: [{ ...spot, ...change }] })).sentence).toBe(sentence),
  );
});

describe("a slave that waits for a node", () => {
  const poolFact = (of: Observation) =>
    explain("ks-backend-1", of)
      .evidence.map(({ fact }) => fact)
      .filter((fact) => fact.includes("pool"));

  test("is told which pool brings one, and so is its build, in its sentence", () => {
    const of = seen({ pools: [spot] }, [waiting]);
    const fact =
      "pool spot brings a node for it, 22 -> 24 nodes: 2 pods of 4 cpu do not fit; its last 20 nodes took p50 68s, p95 95s";
    expect(poolFact(of)).toEqual([fact]);
    const { sentence, evidence } = explain("412", of);
    expect(sentence).toContain("; pool spot brings a node for it, usually within 68s.");
    expect(evidence.map((one) => one.fact)).toContain(fact);
  });

  test.each<[string, Parameters<typeof seen>[0], string[]]>([
    ["by nobody, where nobody scales pools", undefined, []],
    ["of another slave's node nothing", { pools: [{ ...spot, slaves: ["other"] }] }, []],
    [
      "why no pool has room",
      { unplaced: [{ pods: ["ks-backend-1"], because: "spot: at its max of 40 nodes" }] },
      ["no node pool has room for it: spot: at its max of 40 nodes"],
    ],
    [
      "what would be done, where it is only said",
      { pools: [{ ...spot, isDryRun: true, reason: "", arrival: null, wanted: null }] },
      ["pool spot would bring a node for it, were it not to say so only"],
    ],
  ])("is told %s", (_, pools, told) => expect(poolFact(seen(pools, [waiting]))).toEqual(told));

  test("that has one is told of no pool", () => {
    const there = slave("ks-backend-1", "scheduled", { life: { pod: { waitsOn: "image", node: "n1" } } });
    expect(poolFact(seen({ pools: [spot] }, [there]))).toEqual([]);
  });
});
