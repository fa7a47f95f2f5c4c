import type { PoolStanding, PoolsReply } from "@kubestack/contracts";
import { noon } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { printSecond } from "../text/local-time.ts";
import { table } from "../text/table.ts";
import { decided, unplacedLines } from "./command.ts";
import { poolColumns } from "./pool-table.ts";

const pool = (change: Partial<PoolStanding> = {}): PoolStanding => ({
  pool: "spot",
  target: "scale",
  isDryRun: false,
  isSpot: true,
  isKnown: true,
  ready: 22,
  nodes: 22,
  coming: 0,
  wanted: 22,
  min: 0,
  max: 40,
  pricePerHour: 0.19,
  used: 0.814,
  hold: null,
  trouble: "",
  arrival: { p50Ms: 68_000, p95Ms: 95_000, of: 20 },
  leaving: [],
  reason: "",
  last: null,
  ...change,
});
const drawn = (...pools: PoolStanding[]) => table(poolColumns(noon), pools, { width: undefined, colour: false });

test("a pool is told in a line: what is there, comes and is wanted, its price, and how soon nodes come", () => {
  const last = { at: noon, event: "scaled", reason: "2 pods of 4 cpu do not fit" } as const;
  expect(drawn(pool({ coming: 1, nodes: 23, wanted: 24, last }))).toEqual(
    [
      "POOL  TARGET      NODES  WANTED  MIN..MAX  USED  PRICE/H  ARRIVES P50/P95    STATE  LAST",
      `spot  scale spot   22+2      24  0..40      81%     4.37  68s/95s (of 20)    ok     ${printSecond(noon, noon)} scaled: 2 pods of 4 cpu do not fit`,
    ].map((line) =>
      line.replace("ARRIVES P50/P95    STATE", "ARRIVES P50/P95  STATE").replace("(of 20)    ok ", "(of 20)  ok "),
    ),
  );
});

describe("what is in the way is told", () => {
  test.each<[string, Partial<PoolStanding>, string]>([
    [
      "a hold",
      { hold: { until: noon + 180_000, because: "2 nodes did not come in 5m" } },
      "held 3m: 2 nodes did not come in 5m",
    ],
    ["a refusal", { trouble: "Pool spot is scaled by Karpenter" }, "Pool spot is scaled by Karpenter"],
    [
      "a node that leaves",
      { leaving: [{ node: "n1", step: "cordoned", reason: "nothing needs it" }] },
      "node n1 leaves: nothing needs it",
    ],
    [
      "several nodes that leave",
      { leaving: ["n1", "n2"].map((node) => ({ node, step: "cordoned", reason: "r" })) },
      "2 nodes leave",
    ],
    ["a hold whose time is over", { hold: { until: noon, because: "x" } }, "ok"],
  ])("%s", (_, change, state) => expect(drawn(pool(change))[1]).toContain(`  ${state}`));
});

test("of headroom, and of a pool of which nothing is known yet, what there is to say is said", () => {
  const room = pool({
    pool: "room",
    target: "headroom",
    isSpot: false,
    isDryRun: true,
    ready: 0,
    nodes: 0,
    wanted: null,
  });
  const line = drawn({ ...room, min: null, max: null, pricePerHour: 0, used: null, arrival: null })[1];
  expect(line?.split(/ {2,}/)).toEqual(["room", "headroom (dry run)", "0", "–", "–", "–", "–", "–", "ok", "–"]);
  const unread = drawn(pool({ isKnown: false, ready: 0, nodes: 0, wanted: null, trouble: "nodes can't be listed" }))[1];
  expect(unread?.split(/ {2,}/).slice(2, 4)).toEqual(["?", "–"]);
  expect(unread).toContain("nodes can't be listed");
});

const reply = (change: Partial<PoolsReply> = {}): PoolsReply => ({
  isLeader: false,
  at: noon,
  pools: [],
  unplaced: [],
  ...change,
});

test("of several processes the one that decides is believed", () => {
  const leader = reply({ isLeader: true, pools: [pool()] });
  expect(decided([reply(), leader])).toBe(leader);
  expect(decided([reply()])).toEqual(reply());
  expect(() => decided([])).toThrow("No capacity-autoscaler answers: it runs where nodePools are configured");
});

test("pods that no pool has room for are told with the reasons, by sorts", () => {
  const because = "spot: a node has 16 cpu, a pod asks for 32";
  expect(unplacedLines(reply({ unplaced: [{ pods: ["a", "b", "c"], because }] }))).toEqual([
    `no room for a and 2 more: ${because}`,
  ]);
  const sorts = Array.from({ length: 12 }, (_, at) => ({ pods: [`p${at}`], because }));
  expect(unplacedLines(reply({ unplaced: sorts })).at(-1)).toBe(
    "and 2 more sorts of pods without room (-o json shows the pools)",
  );
});
