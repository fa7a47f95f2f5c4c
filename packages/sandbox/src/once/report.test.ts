import type { SlaveRecord } from "@kubestack/contracts";
import { expect, test } from "vitest";
import type { SampleJob } from "../sample-jobs.ts";
import { median, type Outcome, outcomesOf, podLatencies } from "./outcome.ts";
import { type Figures, faultsOf, figureLines, outcomeTable } from "./report.ts";

const job: SampleJob = { name: "api", label: "python", expected: "SUCCESS", workS: 1, says: "" };
const meantToFail: SampleJob = { ...job, name: "broken", expected: "FAILURE" };
const good: Outcome = { job, result: "SUCCESS", slave: "ks-1", toPodMs: 1200, toAgentMs: 3400, toEndMs: 10_000 };
const figures: Figures = {
  podLatenciesMs: [40, 20, 90],
  intervalMs: 2000,
  longestRoundMs: 2104,
  podsCreated: 2,
  secretsCreated: 2,
  buildsEnded: 2,
};
const look = { width: 79, colour: false };

/** The few fields that outcomes are made from. */
function record(name: string, acceptedAt: number | null, seenAt: number | null): SlaveRecord {
  const life = { pod: { acceptedAt }, agent: { firstOnlineAt: 4400 } };
  return { name, life, item: seenAt === null ? null : { id: "1", job: "", url: "", seenAt } } as unknown as SlaveRecord;
}

test("a build is put together with the slave that ran it, counted from when it was asked for", () => {
  const builds = [{ job: "api", number: 1, result: "SUCCESS", slave: "ks-1", startedAt: 5000, durationMs: 6000 }];
  const evidence = { jobs: [job, meantToFail], asked: new Map([["api", 1000]]), builds };
  expect(outcomesOf({ ...evidence, records: [record("ks-1", 2200, 2100)] })).toEqual([
    good,
    { job: meantToFail, result: null, slave: null, toPodMs: null, toAgentMs: null, toEndMs: null },
  ]);
});

test("latency is known of slaves that were launched for an item and have a pod", () => {
  expect(podLatencies([record("a", 250, 200), record("b", null, 200), record("c", 300, null)])).toEqual([50]);
});

test("the median of an even number lies between", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

test("a failure on purpose is the expected result, and it is said so", () => {
  const failed = { ...good, job: meantToFail, result: "FAILURE" };
  expect(outcomeTable([good, failed], look)).toContain("broken  python  FAILURE (expected)  ks-1   1.2    3.4  10.0");
  expect(outcomeTable([good, failed], look)).toMatch(/^broken fails on purpose: FAILURE is the expected result\.$/m);
  expect(faultsOf([good, failed], figures)).toEqual([]);
});

test.each([
  [{ ...good, result: "FAILURE" }, "api ended as FAILURE; SUCCESS was expected.", "FAILURE (not SUCCESS)"],
  [{ ...good, job: meantToFail }, "broken ended as SUCCESS; FAILURE was expected.", "SUCCESS (not FAILURE)"],
  [{ ...good, result: null, slave: null }, "api did not end in time: no slave ran it.", "not ended"],
  [{ ...good, result: null }, "api did not end in time on ks-1.", "not ended"],
])("what ended otherwise is a fault: %#", (outcome, sentence, shown) => {
  expect(faultsOf([outcome], figures)).toEqual([sentence]);
  expect(outcomeTable([outcome], look)).toContain(shown);
});

test("the figures", () => {
  expect(figureLines(figures)).toEqual([
    "queue read to pod created: median 40 ms, most 90 ms",
    "rounds: interval 2 s, longest 2.1 s",
    "pods created 2 = Secrets created 2 = builds 2",
  ]);
});

test("where they do not agree it is a fault and no equation", () => {
  const wrong = { ...figures, podsCreated: 3, podLatenciesMs: [], longestRoundMs: null };
  expect(figureLines(wrong)).toEqual([
    "queue read to pod created: no pod was created",
    "rounds: interval 2 s, longest –",
    "pods created 3, Secrets created 2, builds 2",
  ]);
  expect(faultsOf([good], wrong)).toHaveLength(1);
});
