import { describe, expect, test } from "vitest";
import { bornAt, recordAfter, type Told, ways } from "../slave-record.fixture.ts";
import { newsOf } from "./record-news.ts";

const item = { id: "7", job: "app", url: "job/app/", seenAt: bornAt - 500 };
const after = (events: readonly Told[]) => recordAfter(events, { item });
const change = (before: readonly Told[], more: readonly Told[]) => newsOf(after(before), after([...before, ...more]));

describe("what a saved change says", () => {
  test("that the pod is accepted: how long after its item was seen", () => {
    expect(change([], [{ type: "pod.accepted", uid: "u" }])).toEqual({
      reached: [{ state: "scheduled", afterMs: 1500 }],
      outcome: undefined,
      failure: undefined,
    });
  });

  test("that a slave first seen busy was online too, in one step", () => {
    const news = change(ways.scheduled, [{ type: "build.started", url: "job/a/1/" }]);
    expect(news.reached.map(({ state }) => state)).toEqual(["online", "busy"]);
  });

  test("nothing of a state that is entered again", () => {
    const reused = (events: readonly Told[]) => {
      const record = after(events);
      return { ...record, life: { ...record.life, limits: { ...record.life.limits, builds: 0 } } };
    };
    const before = [...ways.busy, { type: "build.finished", url: "job/a/1/" } as const];
    const again = { type: "build.started", url: "job/a/2/" } as const;
    expect(newsOf(reused(before), reused([...before, again])).reached).toEqual([]);
  });

  test("how the launch ended, once: when the slave is deleted", () => {
    const refused = [{ type: "pod.refused", reason: "quota" } as const];
    expect(change([], refused).outcome).toBeUndefined();
    expect(newsOf(after(refused), after(ways.deleted))).toMatchObject({ outcome: "failed", failure: "object-invalid" });
    expect(newsOf(after(ways.deleted), after(ways.deleted)).outcome).toBeUndefined();
  });

  test("nothing of times where no item is known", () => {
    const before = recordAfter([], { item: null });
    expect(newsOf(before, recordAfter(ways.busy, { item: null })).reached).toEqual([]);
  });
});
