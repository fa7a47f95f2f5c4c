import { describe, expect, test } from "vitest";
import { masterStatus, serviceStatus } from "../records.fixture.ts";
import { mergedStatus } from "./merged-status.ts";

const supervisor = (process: string, changed: object = {}, ...masters: Parameters<typeof masterStatus>[]) => ({
  ...serviceStatus(
    "slave-supervisor",
    masters.map((of) => masterStatus(...of)),
  ),
  process,
  ...changed,
});

describe("several processes of a service", () => {
  test("each master is told by the one that serves it, whoever answers first", () => {
    const one = supervisor("one", {}, ["a", { state: "waiting" }], ["b", { state: "ok", waiting: 3 }]);
    const two = supervisor("two", {}, ["a", { state: "starting" }], ["b", { state: "waiting" }], ["c", {}]);
    for (const statuses of [
      [one, two],
      [two, one],
    ]) {
      const states = mergedStatus(statuses)?.masters.map(({ master, state }) => [master, state]);
      expect(states?.toSorted()).toEqual([
        ["a", "starting"],
        ["b", "ok"],
        ["c", "ok"],
      ]);
    }
  });

  test("while a master is handed over the one that serves it since later tells", () => {
    const one = supervisor("one", {}, ["a", { state: "ok", since: 10, detail: "was" }]);
    const two = supervisor("two", {}, ["a", { state: "starting", since: 20, detail: "is" }]);
    expect(mergedStatus([one, two])?.masters[0]?.detail).toBe("is");
    expect(mergedStatus([two, one])?.masters[0]?.detail).toBe("is");
  });

  test("the worst clock counts, and a process that can't reach the cluster is named", () => {
    const cut = { clockOffsetMs: -3000, cluster: { state: "unavailable", detail: "refused" } };
    const merged = mergedStatus([supervisor("one", { clockOffsetMs: 200 }), supervisor("two", cut)]);
    expect([merged?.clockOffsetMs, merged?.cluster]).toEqual([-3000, { state: "unavailable", detail: "two: refused" }]);
  });

  test("one is told as it is, and none is none", () => {
    const alone = supervisor("one", {}, ["a", {}]);
    expect(mergedStatus([alone])).toEqual(alone);
    expect(mergedStatus([])).toBeUndefined();
  });
});
