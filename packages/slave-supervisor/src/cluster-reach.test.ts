import { describe, expect, test } from "vitest";
import { ClusterReach, cutOffMs, type Reach, toldOfCluster, unableBy } from "./cluster-reach.ts";

const lastError = "Kubernetes at https://c does not answer.";
const cut = (syncedAgoMs: number | undefined, of: object = { lastError }): Reach => ({
  status: { state: "disconnected", ...of },
  syncedAgoMs,
});

describe("a process can't work", () => {
  test.each<[string, Reach, string]>([
    ["not while the watch is synced", { status: { state: "synced", lastError }, syncedAgoMs: 0 }, ""],
    ["not in a short break", cut(cutOffMs - 1), ""],
    ["after a long one", cut(cutOffMs), "can't watch the cluster's pods (Kubernetes at https://c does not answer)"],
    [
      "before the watch was synced once",
      cut(undefined),
      "has not been able to watch the cluster's pods (Kubernetes at https://c does not answer)",
    ],
    [
      "and has said nothing of why",
      cut(undefined, {}),
      "has not been able to watch the cluster's pods (not listed yet)",
    ],
  ])("%s", (_, reach, unable) => {
    expect(unableBy(reach)).toBe(unable);
  });

  test("from the last time on that its watch was seen synced, until it is synced again", () => {
    let [state, now]: ["synced" | "disconnected", number] = ["disconnected", 0];
    const reach = new ClusterReach(
      () => ({ state, since: 0 }),
      () => now,
    );
    const at = (instant: number, is: typeof state): boolean => {
      [state, now] = [is, instant];
      return unableBy(reach.now()) === "";
    };
    expect(at(0, "disconnected")).toBe(false);
    expect(at(1, "synced")).toBe(true);
    expect(at(5_000, "synced")).toBe(true);
    expect(at(5_000 + cutOffMs - 1, "disconnected")).toBe(true);
    expect(at(5_000 + cutOffMs, "disconnected")).toBe(false);
    expect(at(90_000, "synced")).toBe(true);
  });
});

test.each<[string, Reach, { served: number; owned: number }, string]>([
  ["a short break", cut(1), { served: 2, owned: 2 }, lastError],
  [
    "masters that went",
    cut(cutOffMs),
    { served: 2, owned: 0 },
    "; the masters went from this process to those that reach the cluster",
  ],
  ["one that stays", cut(cutOffMs), { served: 2, owned: 1 }, "; 1 master stays with this process until one is there"],
  [
    "several that stay",
    cut(undefined),
    { served: 2, owned: 2 },
    "; 2 masters stay with this process until one is there",
  ],
  ["no masters", cut(undefined), { served: 0, owned: 0 }, lastError],
])("what is told of the cluster: %s", (_, reach, masters, told) => {
  expect(toldOfCluster(reach, masters)).toContain(told);
  expect(toldOfCluster(reach, masters)).toMatch(/^Kubernetes at https:\/\/c does not answer[.;]/);
});
