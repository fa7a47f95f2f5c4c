import { newPoolMemory, type PoolMemory } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { happenedTo } from "./happened.ts";

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
