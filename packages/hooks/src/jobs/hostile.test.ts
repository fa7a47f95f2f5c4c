import { expect, test } from "vitest";
import { readMutilated, readTrees } from "./hostile.fixture.ts";
import { readJobEvent } from "./read-job-event.ts";

/** `packages/hooks/src/jobs/fuzz.fixture.ts 100000` tries more. */
const numRuns = 2000;

test("trees of the senders' own words are read or refused, never raised", () => readTrees(numRuns));

test("bodies that are cut and mutilated are read or refused, never raised", () => readMutilated(numRuns));

test("a body of a MiB takes no longer for what is in it", () => {
  const size = 1024 * 1024;
  const many = (one: string, count: number) => Array.from({ length: count }, () => one);
  const bodies = [
    JSON.parse(`${"[".repeat(size / 2)}${"]".repeat(size / 2)}`),
    { kubestack: "job", id: "x", state: "waiting", labels: many("x", size / 4) },
    { kubestack: "job", id: "x".repeat(size), state: "waiting" },
    { kubestack: "job", id: "x", state: "over", at: "2".repeat(size), url: "http://".repeat(size / 7) },
    Object.fromEntries(many("k", size / 16).map((key, number) => [`${key}${number}`, number])),
    { action: "queued", workflow_job: { id: 1, name: "n".repeat(size), labels: many("l", size / 4) } },
  ];
  for (const headers of [{}, { "x-github-event": "workflow_job" }]) {
    for (const body of bodies) {
      const began = performance.now();
      readJobEvent(headers, body);
      // Far more than it takes: a quadratic reader would take minutes.
      expect(performance.now() - began).toBeLessThan(5000);
    }
  }
});
