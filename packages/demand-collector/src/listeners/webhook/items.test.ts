import type { HookedJob } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { itemsOf } from "./items.ts";

function job(id: string, changed: Partial<HookedJob> = {}): HookedJob {
  const common = { op: "x", source: "github", name: `job ${id}`, url: `http://h/${id}`, labels: ["maven"] };
  return { ...common, id, state: "waiting", attempt: 0, since: 10, ...changed };
}

test("only what waits is an item, the oldest first", () => {
  const jobs = [
    job("c"),
    job("b"),
    job("a", { since: 11 }),
    job("d", { state: "running" }),
    job("e", { state: "over" }),
  ];
  expect(itemsOf(jobs, undefined)).toEqual([
    {
      id: "b",
      job: "job b",
      url: "http://h/b",
      wants: { kind: "expression", expression: "maven" },
      labelOrigin: "told",
      waitingSince: 10,
      why: "github told that it waits",
    },
    expect.objectContaining({ id: "c" }),
    expect.objectContaining({ id: "a" }),
  ]);
});

test.each<[HookedJob["labels"], readonly string[] | undefined, unknown]>([
  [["maven", "linux"], undefined, { kind: "expression", expression: "maven && linux" }],
  [
    ["a b", 'c"d', "queue=default", "!x"],
    undefined,
    { kind: "expression", expression: '"a b" && "c\\"d" && queue=default && "!x"' },
  ],
  [[], ["maven"], { kind: "any" }],
  [null, ["maven", "linux"], { kind: "expression", expression: "maven && linux" }],
  [null, [], { kind: "any" }],
  [null, undefined, { kind: "unknown", because: expect.stringContaining("give labels to the master's webhook") }],
])("labels %j, in the configuration %j", (labels, configured, wants) => {
  expect(itemsOf([job("a", { labels })], configured)[0]?.wants).toEqual(wants);
});
