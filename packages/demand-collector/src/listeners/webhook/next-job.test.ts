import type { HookedJob, HookedJobState } from "@kubestack/contracts";
import type { JobEvent } from "@kubestack/hooks";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KnownJob, nextJob, refreshMs } from "./next-job.ts";

const now = 1_000_000_000;

function event(state: HookedJobState, attempt = 1, at: number | null = 5): JobEvent {
  return { id: "7", source: "own", name: "nightly", url: "", labels: ["maven"], state, attempt, at };
}

function known(state: HookedJobState, changed: Partial<HookedJob> = {}, writtenAt = now): KnownJob {
  const { at: _at, ...job } = event(state);
  return { value: { ...job, op: "an earlier write", since: 3, ...changed }, writtenAt };
}

test("a job that nobody knew is kept as it is told, with our time where none is told", () => {
  expect(nextJob(undefined, event("waiting"), now)).toMatchObject({ state: "waiting", since: 5 });
  expect(nextJob(undefined, event("waiting", 1, null), now)).toMatchObject({ since: now });
});

test("the end of a job is kept even where nobody knew of it: what is told late must not bring it back", () => {
  expect(nextJob(undefined, event("over"), now)).toMatchObject({ state: "over" });
});

describe("a job that is", () => {
  test.each<[HookedJobState, HookedJobState, boolean]>([
    ["waiting", "waiting", false],
    ["waiting", "running", true],
    ["waiting", "over", true],
    ["running", "waiting", false],
    ["running", "running", false],
    ["running", "over", true],
    ["over", "waiting", false],
    ["over", "running", false],
    ["over", "over", false],
  ])("%s, told to be %s: is something new: %s", (was, is, isNew) => {
    expect(nextJob(known(was), event(is), now)?.state).toBe(isNew ? is : undefined);
    expect(nextJob(known(was), event(is, 0), now)).toBeUndefined();
    expect(nextJob(known(was), event(is, 2), now)).toMatchObject({ state: is, attempt: 2 });
  });
});

test("that it still waits is written down once an hour, and since when stays", () => {
  expect(nextJob(known("waiting"), event("waiting", 1, 99), now + refreshMs - 1)).toBeUndefined();
  expect(nextJob(known("waiting"), event("waiting", 1, 99), now + refreshMs)).toMatchObject({ since: 3 });
  expect(nextJob(known("over"), event("over"), now + refreshMs)).toBeUndefined();
});

test("in whatever order and however often it is told, the same comes out", () => {
  const told = fc.record({
    state: fc.constantFrom("waiting" as const, "running" as const, "over" as const),
    attempt: fc.nat(3),
  });
  const rank = { waiting: 0, running: 1, over: 2 };
  fc.assert(
    fc.property(fc.array(told, { minLength: 1 }), (events) => {
      let job: KnownJob | undefined;
      for (const { state, attempt } of events) {
        const next = nextJob(job, event(state, attempt), now);
        if (next !== undefined) job = { value: { ...next, op: "x" }, writtenAt: now };
      }
      const last = events.toSorted((a, b) => a.attempt - b.attempt || rank[a.state] - rank[b.state]).at(-1);
      expect(job?.value).toMatchObject({ state: last?.state, attempt: last?.attempt });
    }),
  );
});
