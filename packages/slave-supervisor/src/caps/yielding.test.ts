import type { QueueItem, SlaveState } from "@kubestack/contracts";
import type { WaitedCap } from "@kubestack/demand";
import { describe, expect, test } from "vitest";
import type { SourceDecision } from "../launching.ts";
import type { Slave } from "../roster.ts";
import { recordIn, template } from "../slave-record.fixture.ts";
import { yielding } from "./yielding.ts";

const templates = [template({ name: "t1", maxSlaves: 2 }), template({ name: "t2" })];
const surplus = ["s1", "s2", "s3"].map((name, at) => ({ name, template: at === 2 ? "t2" : "t1" }));

function slave(number: number, of: string, state: SlaveState = "online"): Slave {
  const record = recordIn(state, { number, template: of, labels: [of] });
  return {
    record,
    revision: 1,
    turn: Promise.resolve(),
    wakeAt: undefined,
    shownOnline: true,
    endedAtRound: undefined,
  };
}

function waiting(...caps: readonly (WaitedCap | undefined)[]): SourceDecision[] {
  const item = {} as QueueItem;
  const told = caps.map((cap) => ({ item, code: "cap" as const, reason: "", ...(cap === undefined ? {} : { cap }) }));
  return [
    { source: {} as SourceDecision["source"], decision: { launches: [], waiting: told, surplus: [], idle: new Map() } },
  ];
}

const slaves = [slave(1, "t1"), slave(2, "t1"), slave(3, "t2")];
const of = (decided: readonly SourceDecision[], more: { slaves?: Slave[]; elsewhere?: number } = {}) => [
  ...yielding(surplus, {
    decided,
    situation: { templates, master: "m", slaves: more.slaves ?? slaves },
    elsewhere: more.elsewhere ?? 0,
  }).keys(),
];

describe("of slaves that no item needs yield at once", () => {
  const t1: WaitedCap = { of: "templates", name: "t1" };
  const t2: WaitedCap = { of: "templates", name: "t2" };
  test.each<[string, SourceDecision[], string[]]>([
    ["none, where nothing waits for a cap", waiting(undefined), []],
    ["as many of a template as wait for its cap", waiting(t1), ["s1"]],
    ["no more than there are", waiting(t1, t1, t1), ["s1", "s2"]],
    ["none of a template that waits for its one try, not for its cap", waiting(t2), []],
    [
      "any of the master's for its cap",
      waiting({ of: "master" }, { of: "master" }, { of: "master" }),
      ["s1", "s2", "s3"],
    ],
    ["any for the caps of all", waiting({ of: "all" }), ["s1"]],
    ["one slave for two caps that it holds", waiting(t1, { of: "all" }), ["s1"]],
  ])("%s", (_, decided, names) => {
    expect(of(decided)).toEqual(names);
  });

  test("those that other masters wait for", () => {
    expect(of(waiting(), { elsewhere: 2 })).toEqual(["s1", "s2"]);
  });

  test("fewer where some are leaving already", () => {
    const leaving = [slave(1, "t1"), slave(2, "t1"), slave(4, "t2", "draining")];
    expect(of(waiting({ of: "master" }, { of: "master" }), { slaves: leaving })).toEqual(["s1"]);
  });

  test("no fewer for one that a person holds on its way out", () => {
    const { record, ...rest } = slave(4, "t2", "draining");
    const held = { by: "ann", at: 1, until: 2, reason: "" };
    const one = { ...rest, record: { ...record, life: { ...record.life, held } } };
    expect(of(waiting({ of: "master" }), { slaves: [one] })).toEqual(["s1"]);
  });

  test("none for a build that no cap would ever let through", () => {
    const decided = waiting({ of: "all" });
    const tooLarge = decided.map(({ source, decision }) => ({
      source,
      decision: { ...decision, waiting: decision.waiting.map((one) => ({ ...one, code: "too-large" as const })) },
    }));
    expect(of(tooLarge)).toEqual([]);
  });
});
