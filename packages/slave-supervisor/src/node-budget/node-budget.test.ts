import { KubestackError } from "@kubestack/contracts";
import { type ManualTiming, manualTiming } from "@kubestack/runtime/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { NodeBudget, type NodeBudgetOptions, type NodeWork } from "./node-budget.ts";

let timing: ManualTiming;
let begun: string[];

beforeEach(() => {
  timing = manualTiming();
  begun = [];
});

const budgetOf = (changed: Partial<NodeBudgetOptions> = {}): NodeBudget =>
  new NodeBudget({ perSecond: "auto", timing, removesFirst: () => false, ...changed });

/** Asks for so many operations that take so long. */
function ask(budget: NodeBudget, kind: NodeWork, count: number, tookMs = 10): Promise<unknown> {
  const all = Array.from({ length: count }, (_, number) =>
    budget.run(kind, async () => {
      begun.push(`${kind} ${number + 1}`);
      await timing.sleep(tookMs);
    }),
  );
  return Promise.all(all);
}

const kinds = (): string => begun.map((one) => one[0]).join("");

describe("the budget of a master's nodes", () => {
  test("lets a burst go, then so many a second as were set", async () => {
    const budget = budgetOf({ perSecond: 2 });
    void ask(budget, "make", 40);
    await timing.advance(200);
    expect(begun).toHaveLength(20);
    await timing.advance(3000);
    expect(begun).toHaveLength(26);
  });

  test("has at most four under way at once", async () => {
    void ask(budgetOf(), "make", 10, 5000);
    await timing.advance(100);
    expect(begun).toHaveLength(4);
    await timing.advance(5000);
    expect(begun).toHaveLength(8);
  });

  test("lets making and removing take turns: neither waits for the other's whole line", async () => {
    const budget = budgetOf({ perSecond: 5 });
    void ask(budget, "make", 30);
    void ask(budget, "remove", 30);
    await timing.advance(100);
    // The first four began before anything else was asked for.
    expect(kinds().slice(0, 4)).toBe("mmmm");
    expect(kinds().slice(4)).toMatch(/^(rm){8}$/);
  });

  test("removes first while a cap is wanted: what goes makes room", async () => {
    const budget = budgetOf({ perSecond: 5, removesFirst: () => true });
    void ask(budget, "make", 4, 1000);
    await timing.advance(0);
    void ask(budget, "make", 3);
    void ask(budget, "remove", 3);
    await timing.advance(2000);
    expect(kinds()).toBe("mmmmrrrmmm");
  });

  test("finds out what a quick master bears, and gives way to one that slows down", async () => {
    const budget = budgetOf();
    void ask(budget, "make", 100);
    await timing.advance(4000);
    expect(budget.perSecond).toBeGreaterThan(20);
    void ask(budget, "make", 30, 3000);
    await timing.advance(12_000);
    expect(budget.perSecond).toBeLessThan(10);
  });

  test("a failure is its own, makes room, and slows the rest only where the master was not there", async () => {
    const budget = budgetOf();
    const refused = new KubestackError("master-refused", "no");
    const away = new KubestackError("master-unavailable", "away");
    await expect(budget.run("make", () => Promise.reject(refused))).rejects.toBe(refused);
    expect(budget.perSecond).toBe(5);
    await expect(budget.run("remove", () => Promise.reject(away))).rejects.toBe(away);
    expect(budget.perSecond).toBe(2.5);
    expect(await budget.run("make", async () => "next")).toBe("next");
  });

  test("closed, it keeps nobody waiting", async () => {
    const budget = budgetOf({ perSecond: 1 });
    const all = ask(budget, "make", 60, 0);
    await timing.advance(0);
    expect(begun).toHaveLength(20);
    budget.close();
    await timing.advance(0);
    await all;
    expect(begun).toHaveLength(60);
  });
});
