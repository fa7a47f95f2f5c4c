import { type FailureClass, failureClasses } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { LaunchHistory } from "../launch-history.ts";
import { bornAt, recordAfter, type Told } from "../slave-record.fixture.ts";
import { type HeldThing, heldBy } from "./held-by.ts";
import { barOf, holdsOf, standingsOf } from "./standings.ts";

const accepted: Told = { type: "pod.accepted", uid: "u" };

/** What is held at `at`, after what became of these slaves, one after the other. */
function after(...lives: readonly (readonly Told[])[]) {
  const history = new LaunchHistory();
  const templates = ["maven", "go", "docker"];
  for (const [index, events] of lives.entries())
    history.note(recordAfter(events, { number: index + 1, template: templates[index % templates.length] ?? "" }));
  return (at: number) => {
    const troubled = standingsOf((what) => history.failing(what), at);
    return {
      holds: holdsOf(troubled).map(({ what, name, until, failures }) => [what, name, until, failures]),
      bar: barOf(troubled),
      troubled,
    };
  };
}

const full = (at: number): Told[] => [{ type: "pod.refused", reason: "exceeded quota: q", failure: "quota-full", at }];

describe("what a failure holds", () => {
  const others: Partial<Record<FailureClass, HeldThing>> = {
    "quota-full": "namespace",
    "no-right": "namespace",
    "no-namespace": "namespace",
    "master-refused": "master",
    "node-not-made": "master",
  };
  test.each(failureClasses)("%s", (failure) => {
    expect(heldBy(failure)).toBe(others[failure] ?? "template");
  });

  test("of a record that does not say it, or in a word of a later release, is its template", () => {
    expect([heldBy(undefined), heldBy("flooded")]).toEqual(["template", "template"]);
  });
});

test("a quota that is used up holds the namespace, and none of the templates; each try that fails doubles it", () => {
  const [first, second] = [bornAt + 1000, bornAt + 100_000];
  expect(after(full(first))(first).holds).toEqual([["namespace", "ci", first + 30_000, 1]]);
  const late = (at: number): Told[] => full(at);
  const twice = after(full(first), late(second));
  // The second was launched before the first failed: one mishap.
  expect(twice(second).holds).toEqual([["namespace", "ci", second + 30_000, 2]]);
  expect(twice(second).bar).toBe(
    "namespace ci is held: 2 launches in a row failed, next try in 30 s; the last: the pod was refused: exceeded quota: q",
  );
  expect(twice(second + 30_000)).toMatchObject({ holds: [], bar: undefined, troubled: [{ what: "namespace" }] });
});

test("a pod that the namespace takes ends its hold, whatever becomes of it", () => {
  const taken: Told[] = [
    { ...accepted, at: bornAt + 2000 } as Told,
    { type: "pod.gone", reason: "gone", at: bornAt + 2500 },
  ];
  expect(after(full(bornAt + 1000), taken)(bornAt + 3000).troubled.map(({ what }) => what)).toEqual(["template"]);
});

test("a pod of ours that goes makes room: the next try comes sooner, but not at once", () => {
  const failedAt = bornAt + 10_000;
  const ends = (at: number): Told[] => [accepted, { type: "pod.gone", reason: "gone", at }];
  const until = (at: number) =>
    after(full(failedAt), ends(at))(failedAt).holds.find(([what]) => what === "namespace")?.[2];
  expect(until(failedAt - 1)).toBe(failedAt + 30_000);
  expect(until(failedAt + 1000)).toBe(failedAt + 5000);
  expect(until(failedAt + 12_000)).toBe(failedAt + 12_000);
});

test("a master that refuses nodes is held until it takes one; its templates are not", () => {
  const refused: Told[] = [
    accepted,
    { type: "node.refused", reason: "no right", failure: "master-refused", at: bornAt + 9000 },
  ];
  expect(after(refused)(bornAt + 9000)).toMatchObject({
    holds: [["master", "m", bornAt + 39_000, 1]],
    bar: expect.stringContaining("master m is held: a launch failed"),
  });
  const made: Told[] = [accepted, { type: "node.registered", at: bornAt + 9500 } as Told];
  expect(after(refused, made)(bornAt + 9600).troubled).toEqual([]);
});

test("what is asked of a quota as a whole, or refused by admission, holds the template alone", () => {
  const refused = (failure: FailureClass): Told[] => [{ type: "pod.refused", reason: "x", failure, at: bornAt + 1000 }];
  for (const failure of ["quota-too-small", "admission-refused", "image-denied"] as const)
    expect(after(refused(failure))(bornAt + 1000)).toMatchObject({
      holds: [["template", "maven", bornAt + 31_000, 1]],
      bar: undefined,
    });
});
