import type { SlaveState } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { isToBeGivenUp, isToLeave } from "./draining.ts";
import { recordIn } from "./slave-record.fixture.ts";

describe("a slave of a master that is drained", () => {
  test.each<[SlaveState, boolean]>([
    ["requested", true],
    ["scheduled", true],
    ["online", true],
    ["busy", false],
    ["draining", false],
    ["deleted", false],
  ])("that is %s is told to leave: %s", (state, isTold) => {
    expect(isToLeave(recordIn(state))).toBe(isTold);
  });

  test("that would run further builds goes after the one it runs, and is told so once", () => {
    const busy = recordIn("busy");
    const life = { ...busy.life, limits: { ...busy.life.limits, builds: 0 } };
    expect(isToLeave({ ...busy, life })).toBe(true);
    expect(isToLeave({ ...busy, life: { ...life, goesAfterBuild: true } })).toBe(false);
  });
});

describe("a slave of a master that was given up", () => {
  test.each<[SlaveState, boolean]>([
    ["requested", true],
    ["scheduled", true],
    ["online", true],
    ["busy", true],
    ["draining", true],
    ["deleted", false],
  ])("that is %s is told so: %s", (state, isTold) => {
    expect(isToBeGivenUp(recordIn(state))).toBe(isTold);
  });

  test("is told so once, and not where its node is gone", () => {
    const leaving = recordIn("draining");
    const life = { ...leaving.life, node: { ...leaving.life.node, removedAt: 5 } };
    expect(isToBeGivenUp({ ...leaving, life })).toBe(false);
    const held = { by: "ann", at: 6, until: 7, reason: "" };
    expect(isToBeGivenUp({ ...leaving, life: { ...life, held } })).toBe(true);
  });
});
