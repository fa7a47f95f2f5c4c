import type { SampleJob } from "../sample-jobs.ts";
import { type Cell, renderTable, type TableLook } from "../terminal/table.ts";
import { seconds } from "../terminal/text.ts";
import { median, type Outcome } from "./outcome.ts";

const header = ["JOB", "LABEL", "RESULT", "SLAVE", "POD", "AGENT", "ALL"];

/** The table of builds, and what its figures mean. */
export function outcomeTable(outcomes: readonly Outcome[], look: TableLook): string {
  const rows = outcomes.map(({ job, result, slave, toPodMs, toAgentMs, toEndMs }): Cell[] => [
    job.name,
    job.label,
    { text: resultText(job, result), tone: result === job.expected ? "good" : "bad" },
    slave ?? "–",
    seconds(toPodMs),
    seconds(toAgentMs),
    seconds(toEndMs),
  ]);
  const meantToFail = outcomes.filter(({ job }) => job.expected !== "SUCCESS").map(({ job }) => job.name);
  return [
    ...renderTable(header, rows, look),
    "POD, AGENT, ALL: seconds from asking for the build until its pod was there, its",
    "agent was online, it had ended.",
    ...meantToFail.map((name) => `${name} fails on purpose: FAILURE is the expected result.`),
  ].join("\n");
}

function resultText({ expected }: SampleJob, result: string | null): string {
  if (result === null) return "not ended";
  if (result !== expected) return `${result} (not ${expected})`;
  return expected === "SUCCESS" ? result : `${result} (expected)`;
}

/** What was counted beside the builds. */
export interface Figures {
  /** From the queue's read to the pod, in milliseconds, for each slave. */
  readonly podLatenciesMs: readonly number[];
  readonly intervalMs: number;
  /** The longest time between two rounds; null before there were two. */
  readonly longestRoundMs: number | null;
  readonly podsCreated: number;
  readonly secretsCreated: number;
  readonly buildsEnded: number;
}

export function figureLines(figures: Figures): string[] {
  const { podLatenciesMs, intervalMs, longestRoundMs, podsCreated, secretsCreated, buildsEnded } = figures;
  const latency =
    podLatenciesMs.length === 0
      ? "no pod was created"
      : `median ${Math.round(median(podLatenciesMs))} ms, most ${Math.round(Math.max(...podLatenciesMs))} ms`;
  const sign = isBalanced(figures) ? " = " : ", ";
  return [
    `queue read to pod created: ${latency}`,
    `rounds: interval ${intervalMs / 1000} s, longest ${longestRoundMs === null ? "–" : `${(longestRoundMs / 1000).toFixed(1)} s`}`,
    [`pods created ${podsCreated}`, `Secrets created ${secretsCreated}`, `builds ${buildsEnded}`].join(sign),
  ];
}

/** Each build had a pod and a Secret of its own, and no other was made. */
export function isBalanced({ podsCreated, secretsCreated, buildsEnded }: Figures): boolean {
  return podsCreated === buildsEnded && secretsCreated === buildsEnded;
}

/** What is wrong with the run, in sentences; none means that all is well. */
export function faultsOf(outcomes: readonly Outcome[], figures: Figures): string[] {
  const builds = outcomes
    .filter(({ job, result }) => result !== job.expected)
    .map(({ job, result, slave }) =>
      result === null
        ? `${job.name} did not end in time${slave === null ? ": no slave ran it" : ` on ${slave}`}.`
        : `${job.name} ended as ${result}; ${job.expected} was expected.`,
    );
  return isBalanced(figures) ? builds : [...builds, "There was not exactly one pod and one Secret for each build."];
}
