import assert from "node:assert/strict";
import { hookedJobSchema } from "@kubestack/contracts";
import fc from "fast-check";
import { readJobEvent } from "./read-job-event.ts";

const headersOf = fc.constantFrom<Record<string, string>>(
  {},
  { "x-github-event": "workflow_job" },
  { "x-gitlab-event": "Job Hook" },
  { "x-buildkite-event": "job.scheduled" },
);
const keys = [
  ...["kubestack", "id", "state", "labels", "attempt", "at", "name", "url", "action", "workflow_job", "run_attempt"],
  ...["build_id", "build_status", "repository", "event", "job", "agent_query_rules", "__proto__", "constructor"],
];
const values = fc.constantFrom<unknown>(
  "job",
  "waiting",
  "over",
  "queued",
  "pending",
  "job.scheduled",
  1e308,
  -1,
  "\u0000",
);
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(values, fc.jsonValue({ maxDepth: 1 })),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 8 }),
  ),
})).value;

/** What the listener keeps is in order, or nothing is. */
function read(headers: Record<string, string>, body: unknown): void {
  const reading = readJobEvent(headers, body);
  if (!("event" in reading)) {
    assert.match("ignored" in reading ? reading.ignored : reading.unreadable, /^.{1,512}$/su);
    return;
  }
  const { at, ...job } = reading.event;
  hookedJobSchema.parse({ ...job, since: at ?? 0, op: "x" });
}

/** Reads `numRuns` trees of the senders' own words. Raises for one that is not read or refused in order. */
export function readTrees(numRuns: number): void {
  fc.assert(
    fc.property(headersOf, tree, (headers, body) => read(headers, body)),
    { numRuns },
  );
}

const whole = JSON.stringify({
  kubestack: "job",
  id: "build-7",
  state: "waiting",
  labels: ["maven"],
  at: "2026-01-31T12:00:00Z",
  action: "queued",
  workflow_job: { id: 7, labels: ["self-hosted"], created_at: "2026-01-31T12:00:00Z" },
  build_id: 7,
  build_status: "pending",
  event: "job.scheduled",
  job: { id: "b", agent_query_rules: ["queue=a"] },
});

/** Reads `numRuns` bodies that are cut or have something else in their middle. Raises as `readTrees` does. */
export function readMutilated(numRuns: number): void {
  const place = fc.nat({ max: whole.length });
  fc.assert(
    fc.property(headersOf, place, place, fc.string({ unit: "binary", maxLength: 8 }), (headers, from, to, put) => {
      const text = `${whole.slice(0, from)}${put}${whole.slice(Math.max(from, to))}`;
      try {
        read(headers, JSON.parse(text));
      } catch (error) {
        // What is no JSON is refused before.
        if (!(error instanceof SyntaxError)) throw error;
      }
    }),
    { numRuns },
  );
}
