import type { QueueItem, SlaveRecord, SlaveState } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { recordIn } from "../slave-record.fixture.ts";
import { type Decided, doubledItems } from "./duplicate-items.ts";

function item(id: string, expression: string | null = "python"): QueueItem {
  const wants = expression === null ? ({ kind: "any" } as const) : ({ kind: "expression", expression } as const);
  return { id, job: "app", url: "job/app/", wants, labelOrigin: "why", waitingSince: 1, why: "" };
}

function slave(state: SlaveState, changed: Partial<SlaveRecord> = {}) {
  return { record: recordIn(state, { item: { id: "7", job: "app", url: "job/app/", seenAt: 1 }, ...changed }) };
}

const launch = (id: string, expression?: string | null) => ({
  item: item(id, expression),
  template: "python",
  reason: "",
});

/** A decision that launches for item 7 though its slave is left over: what the arithmetic never does. */
function wrong(state: SlaveState, changed: Partial<Decided> = {}): Decided {
  const one = slave(state);
  return {
    launches: [launch("7")],
    surplus: [one.record.name],
    slaves: [one],
    held: new Set(),
    unlabelled: new Set(),
    ...changed,
  };
}

describe("a second launch for an item", () => {
  test.each<SlaveState>(["requested", "scheduled", "online"])(
    "is one beside a slave of it that is %s and left over",
    (state) => {
      expect(doubledItems(wrong(state))).toBe(1);
    },
  );

  test("is one of the same decision", () => {
    const launches = [launch("7"), launch("8"), launch("7")];
    expect(doubledItems(wrong("busy", { launches }))).toBe(1);
  });

  test("is one for no label, beside a slave that takes such builds", () => {
    const decided = wrong("online", { launches: [launch("7", null)] });
    expect(doubledItems(decided)).toBe(0);
    expect(doubledItems({ ...decided, unlabelled: new Set([slave("online").record.template]) })).toBe(1);
  });
});

describe("no second launch", () => {
  test.each<SlaveState>(["busy", "draining", "deleted"])("is one after its slave is %s", (state) => {
    expect(doubledItems(wrong(state))).toBe(0);
  });

  test.each<[string, Partial<Decided>]>([
    ["whose slave goes to another item", { surplus: [] }],
    ["for another item", { launches: [launch("8")] }],
    ["for an item that its slave does not fit any more", { launches: [launch("7", "docker")] }],
    [
      "of a template that is held: its unconnected slaves do not count",
      { held: new Set([slave("scheduled").record.template]) },
    ],
  ])("is one %s", (_, changed) => {
    expect(doubledItems(wrong("scheduled", changed))).toBe(0);
  });
});
