import { newPoolMemory, type PoolMemory, type Removal } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { happenedTo, removedFrom } from "./happened.ts";

const old: PoolMemory = { ...newPoolMemory, seen: ["a"], arrivals: [1000, 2000] };
const hold = { until: 900, because: "2 nodes did not come in 5m" };

test.each<[string, Partial<PoolMemory>, Partial<PoolMemory>, object[]]>([
  ["nothing", {}, {}, []],
  ["nodes that were there when it was first seen", { seen: undefined }, { seen: ["a", "b"] }, []],
  [
    "a node that came",
    {},
    { seen: ["a", "b"], arrivals: [1000, 2000, 61_000] },
    [{ event: "delivered", reason: "node b came, 61 s after the ask", nodes: ["b"], tookMs: 61_000 }],
  ],
  [
    "nodes that came, of which the oldest arrivals are not remembered any more",
    {},
    { seen: ["a", "b", "c"], arrivals: [2000, 3000, 4000] },
    [{ event: "delivered", reason: "2 nodes came, 4 s after the ask", nodes: ["b", "c"], tookMs: 4000 }],
  ],
  [
    "a node that nobody asked for",
    {},
    { seen: ["a", "b"] },
    [{ event: "delivered", reason: "node b came", nodes: ["b"] }],
  ],
  ["a hold", {}, { hold, failures: 1 }, [{ event: "held", reason: "2 nodes did not come in 5m", until: 900 }]],
  [
    "a longer hold",
    { hold: { until: 100, because: "x" } },
    { hold, failures: 3 },
    [{ event: "held", reason: "2 nodes did not come in 5m (3 times in a row)", until: 900 }],
  ],
  ["the same hold", { hold }, { hold }, []],
  ["the end of a hold", { hold }, { hold: null }, []],
])("%s", (_, before, after, told) =>
  expect(happenedTo("p", { before: { ...old, ...before }, after: { ...old, ...after } }, 7)).toEqual(
    told.map((event) => ({ pool: "p", at: 7, ...event })),
  ),
);

const removal = (node: string, step: Removal["step"] = "removing"): Removal => ({
  ...{ node, pool: "p", step, since: 0, reason: "nothing has needed it for 300 s" },
});

test.each<[string, readonly Removal[], readonly Removal[], object | undefined]>([
  ["a node that is still there", [removal("a")], [removal("a")], undefined],
  ["one that stays after all", [removal("a", "cordoned")], [], undefined],
  [
    "one that is gone",
    [removal("a"), removal("b")],
    [removal("b")],
    { reason: "node a is gone: nothing has needed it for 300 s", nodes: ["a"] },
  ],
  [
    "several",
    [removal("a"), removal("b")],
    [],
    { reason: "2 nodes are gone: nothing has needed it for 300 s", nodes: ["a", "b"] },
  ],
])("%s is told as removed, or not", (_, before, after, told) => {
  const event = told && { pool: "p", event: "removed", at: 7, ...told };
  expect(removedFrom("p", { before, after }, 7)).toEqual(event);
});
