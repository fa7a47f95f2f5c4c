import type { KeptMaster, MasterOrder, OrderRequest } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { launchingOf, orderAfter } from "./ordering.ts";

const noon = Date.UTC(2026, 2, 4, 12, 0, 7);
const paused: MasterOrder = { kind: "paused", by: "ann", at: noon, reason: "" };
const draining: MasterOrder = { kind: "draining", by: "bob", at: noon, reason: "upgrade" };

function kept(order: MasterOrder | null, removedAt: number | null = null): KeptMaster {
  return { version: 1, op: "op", master: "m", install: "i", entry: {}, removedAt, order };
}

describe("what is launched for a master", () => {
  test.each<[string, KeptMaster, boolean, string | undefined, boolean]>([
    ["as usual", kept(null), true, undefined, false],
    ["paused", kept(paused), true, "master m is paused by ann since 2026-03-04 12:00:07 UTC", false],
    ["drained", kept(draining), true, "master m is drained by bob since 2026-03-04 12:00:07 UTC (upgrade)", true],
    [
      "out of the configuration",
      kept(null, noon),
      false,
      "master m is out of the configuration since 2026-03-04 12:00:07 UTC, and drained",
      true,
    ],
    [
      "out of the configuration, and paused before",
      kept(paused, noon),
      false,
      "master m is out of the configuration since 2026-03-04 12:00:07 UTC, and drained",
      true,
    ],
    ["in the configuration again, before that is kept", kept(null, noon), true, undefined, false],
  ])("%s", (_, master, isListed, reason, isDraining) => {
    expect(launchingOf(master, isListed)).toEqual({ reason, isDraining });
  });
});

describe("an order", () => {
  const asked = (wants: OrderRequest["wants"]): OrderRequest => ({ master: "m", wants, by: "eve", reason: "why" });
  const eve = { by: "eve", at: 5, reason: "why" };

  test.each<[OrderRequest["wants"], MasterOrder | null, MasterOrder | null]>([
    ["pause", null, { kind: "paused", ...eve }],
    ["drain", null, { kind: "draining", ...eve }],
    ["drain", paused, { kind: "draining", ...eve }],
    ["resume", paused, null],
    ["resume", draining, null],
  ])("to %s is granted", (wants, order, after) => {
    expect(orderAfter(kept(order), asked(wants), 5)).toEqual(after);
  });

  test.each<[OrderRequest["wants"], MasterOrder | null, RegExp]>([
    ["pause", paused, /^Master m is paused by ann since .* already; kubestackcmd masters resume m ends that\.$/],
    ["pause", draining, /^Master m is drained by bob since .* \(upgrade\) already, which launches nothing either; /],
    ["drain", draining, /^Master m is drained by bob since .* already; /],
    ["resume", null, /^Master m is neither paused nor drained/],
  ])("to %s is refused in one sentence where it says nothing new", (wants, order, sentence) => {
    expect(() => orderAfter(kept(order), asked(wants), 5)).toThrow(sentence);
  });
});
