import { describe, expect, test } from "vitest";
import { computer, item, round, slave } from "./demand.fixture.ts";
import { shortfall } from "./shortfall.ts";
import { type KnownSlave, mostAdvancedFirst, supplyOf } from "./supply.ts";

const stages = (known: readonly KnownSlave[], shown: Parameters<typeof round>[1]) =>
  supplyOf(round(7, shown), known).map(({ name, stage }) => `${name} ${stage}`);

describe("a slave counts", () => {
  test.each([
    ["not shown yet, requested", slave("s", "requested"), undefined, "requested"],
    ["not shown yet, scheduled", slave("s", "scheduled"), undefined, "scheduled"],
    ["its node is there, never connected", slave("s", "scheduled"), { online: false }, "scheduled"],
    ["shown online and idle", slave("s", "online"), {}, "online"],
    ["shown online and idle, though it is busy by now (H13)", slave("s", "busy"), {}, "online"],
    [
      "shown online and idle, though it has ended by now (H14)",
      slave("s", "deleted", { endedAtRound: { term: 1, round: 7 } }),
      {},
      "online",
    ],
    [
      "shown online and idle, though it is being withdrawn by now (H23)",
      slave("s", "draining", { shownOnline: true, endedAtRound: { term: 1, round: 7 } }),
      {},
      "online",
    ],
    [
      "not shown online, and ended when this round was the youngest (H14)",
      slave("s", "deleted", { endedAtRound: { term: 1, round: 7 } }),
      undefined,
      "scheduled",
    ],
    ["not shown online, busy by a look since", slave("s", "busy"), { online: false }, "scheduled"],
  ] as const)("%s", (_, known, shown, stage) => {
    expect(stages([known], shown === undefined ? [] : [computer("s", shown)])).toEqual([`s ${stage}`]);
  });
});

describe("a slave does not count", () => {
  test.each([
    ["shown busy", slave("s", "online"), { idle: false }],
    ["shown marked offline", slave("s", "busy"), { online: false, markedOffline: true }],
    [
      "shown offline after it was online: marked by a monitor, or its channel dropped (H15)",
      slave("s", "online", { shownOnline: true }),
      { online: false },
    ],
    ["kept for a build that is to go on there (H25)", slave("s", "busy", { isKept: true }), {}],
    ["kept, and not shown online", slave("s", "busy", { isKept: true }), { online: false }],
    ["gone after it was online", slave("s", "online", { shownOnline: true }), undefined],
    [
      "not shown online, and ended before a younger round began (H14)",
      slave("s", "deleted", { endedAtRound: { term: 1, round: 6 } }),
      undefined,
    ],
    [
      "not shown online, and ended in an earlier term",
      slave("s", "draining", { endedAtRound: { term: 0, round: 99 } }),
      undefined,
    ],
  ] as const)("%s", (_, known, shown) => {
    expect(stages([known], shown === undefined ? [] : [computer("s", shown)])).toEqual([]);
  });
});

describe("agents that are not ours (H20)", () => {
  test.each([
    ["idle: each executor is one", { executors: 3 }, 3],
    ["busy", { executors: 3, idle: false }, 0],
    ["marked offline", { markedOffline: true }, 0],
    ["offline", { online: false }, 0],
    ["labels not told", { labels: null }, 0],
  ] as const)("%s", (_, shown, count) => {
    const found = supplyOf(round(7, [computer("agent-1", shown as object)]), [slave("s", "scheduled")]);
    expect(found.filter(({ template }) => template === "")).toHaveLength(count);
    for (const one of found.filter(({ template }) => template === "")) {
      expect(one).toMatchObject({ stage: "online", unlabelled: false });
      expect(one.labels).toContain("agent-1");
    }
  });

  test("a slave of ours that the round shows is never counted as somebody else's too", () => {
    expect(supplyOf(round(7, [computer("s")]), [slave("s", "busy")])).toHaveLength(1);
  });
});

test("supply has the labels saved with the slave, whatever its template says now (H16)", () => {
  const born = slave("s", "online", { record: { name: "s", state: "online", labels: ["python"], template: "py" } });
  expect(supplyOf(round(7, [computer("s", { labels: ["python3"] })]), [born])[0]?.labels).toEqual(["python"]);
});

test("the most advanced come first, then the oldest by number", () => {
  const names = ["ks-m-abcd10", "ks-m-abcd9", "ks-m-abcdv", "ks-m-abcd2"];
  const known = names.map((name) => slave(name, name.endsWith("v") ? "requested" : "scheduled"));
  expect(supplyOf(round(7, []), known).map(({ name }) => name)).toEqual([
    "ks-m-abcd2",
    "ks-m-abcd9",
    "ks-m-abcd10",
    "ks-m-abcdv",
  ]);
  const [one] = supplyOf(round(7, []), known);
  expect(one === undefined ? 1 : mostAdvancedFirst(one, one)).toBe(0);
});

describe("where nodes go once they are empty", () => {
  const on = (id: number, node: string | undefined, state: "online" | "busy" = "online") =>
    slave(`s${id}`, state, { shownOnline: true, node });
  const shown = (slaves: readonly KnownSlave[]) =>
    round(
      7,
      slaves.map(({ record: { name, state } }) => computer(name, { idle: state !== "busy" })),
    );
  const surplusOf = (slaves: readonly KnownSlave[], waiting: number) => {
    const items = Array.from({ length: waiting }, (_, at) => item(at + 1));
    return shortfall({ items, supply: supplyOf(shown(slaves), slaves), templates: [], allowance: 9 }).surplus;
  };

  test("slaves on the emptiest node are left over first, whichever is the youngest", () => {
    const slaves = [on(1, "lonely"), on(2, "full", "busy"), on(3, "full", "busy"), on(4, "full")];
    expect(surplusOf(slaves, 1)).toEqual([slaves[0]?.record.name]);
    expect(surplusOf(slaves, 0)).toEqual([slaves[0]?.record.name, slaves[3]?.record.name]);
  });

  test("elsewhere it is the youngest", () => {
    const slaves = [on(1, undefined), on(2, undefined, "busy"), on(3, undefined)];
    expect(surplusOf(slaves, 1)).toEqual([slaves[2]?.record.name]);
  });
});
