import type { DemandSource, QueueItem, SlaveState } from "@kubestack/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ClaimingSlave, claimsOf, stageOf, supplyByCount } from "./claims.ts";

function source(ids: readonly string[], round = 10): DemandSource {
  const items = ids.map(
    (id): QueueItem => ({
      id,
      job: id,
      url: "",
      wants: { kind: "any" },
      labelOrigin: "told",
      waitingSince: null,
      why: "",
    }),
  );
  const common = { name: "external", term: 1, round, readAt: 0, queueReadAt: 0, state: "ok", session: null } as const;
  return { ...common, quietingDown: false, items, supply: "items" };
}

function slave(number: number, id: string | null, endedAtRound?: number): ClaimingSlave {
  const item = id === null ? null : { id, job: id, url: "", seenAt: 0, source: "external" };
  const state: SlaveState = endedAtRound === undefined ? "busy" : "draining";
  return {
    record: { name: `ks-m-0000${number}`, labels: [], template: "t", state, item },
    endedAtRound: endedAtRound === undefined ? undefined : { term: 1, round: endedAtRound },
    unlabelled: true,
  };
}

describe("items that have a slave each", () => {
  const told = (items: readonly string[], slaves: readonly ClaimingSlave[]) => {
    const { open, claimed, idle } = claimsOf(source(items), slaves);
    return {
      open: open.map(({ id }) => id),
      claimed: claimed.map(({ item, by }) => [item.id, by.record.name]),
      idle: idle.map(({ record }) => record.name),
    };
  };

  test.each<[string, readonly string[], readonly ClaimingSlave[], ReturnType<typeof told>]>([
    ["none has one yet", ["a", "b"], [], { open: ["a", "b"], claimed: [], idle: [] }],
    ["one has", ["a", "b"], [slave(1, "a")], { open: ["b"], claimed: [["a", "ks-m-00001"]], idle: [] }],
    [
      "of two the older has it",
      ["a"],
      [slave(2, "a"), slave(1, "a")],
      { open: [], claimed: [["a", "ks-m-00001"]], idle: ["ks-m-00002"] },
    ],
    ["its item is gone", [], [slave(1, "a")], { open: [], claimed: [], idle: ["ks-m-00001"] }],
    ["it was launched for none", ["a"], [slave(1, null)], { open: ["a"], claimed: [], idle: ["ks-m-00001"] }],
    ["it ended before the round was begun", ["a"], [slave(1, "a", 9)], { open: ["a"], claimed: [], idle: [] }],
    [
      "it ended while the round was read",
      ["a"],
      [slave(1, "a", 10)],
      { open: [], claimed: [["a", "ks-m-00001"]], idle: [] },
    ],
    ["an item that is named twice is one", ["a", "a"], [], { open: ["a"], claimed: [], idle: [] }],
  ])("%s", (_, items, slaves, expected) => {
    expect(told(items, slaves)).toEqual(expected);
  });

  test("are the same in any order, and each is open or claimed, never both, and every slave has one or is idle", () => {
    const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
    const slaves = fc.uniqueArray(
      fc.record({
        number: fc.nat(30),
        id: fc.constantFrom("a", "b", "c", "f", null),
        ended: fc.option(fc.nat(20), { nil: undefined }),
      }),
      { selector: ({ number }) => number },
    );
    fc.assert(
      fc.property(ids, slaves, fc.func(fc.nat()), (items, made, by) => {
        const all = made.map(({ number, id, ended }) => slave(number, id, ended));
        const result = told(items, all);
        const shuffled = told(
          items,
          all.toSorted((a, b) => by(a.record.name) - by(b.record.name)),
        );
        expect(shuffled).toEqual(result);
        expect([...result.open, ...result.claimed.map(([id]) => id)].sort()).toEqual([...items].sort());
        const counting = made.filter(({ ended }) => ended === undefined || ended >= 10);
        expect(result.claimed.length + result.idle.length).toBe(counting.length);
      }),
    );
  });
});

test("where what runs is counted too, every slave that has not ended is supply, most advanced by its state", () => {
  const supply = supplyByCount(source(["a"]), [slave(1, "x"), slave(2, null), slave(3, "x", 9), slave(4, "x", 10)]);
  expect(supply.map(({ name, stage }) => [name, stage])).toEqual([
    ["ks-m-00001", "online"],
    ["ks-m-00002", "online"],
    ["ks-m-00004", "online"],
  ]);
  expect((["requested", "scheduled", "online", "busy", "draining"] as const).map(stageOf)).toEqual([
    "requested",
    "scheduled",
    "online",
    "online",
    "online",
  ]);
});
