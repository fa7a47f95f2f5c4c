import type { Headers } from "../authenticate.ts";
import { buildkite } from "./buildkite.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import type { JobReading, JobSender } from "./job-event.ts";
import { own } from "./own.ts";

/** Every form of an event: one file each. */
const senders = { own, github, gitlab, buildkite } as const;

/** The names of the senders whose events are understood. */
export const jobSenders = Object.keys(senders);

/** The header by which a service says what it sends, and which of its events are a job's. */
const named: readonly { readonly header: string; readonly value: RegExp; readonly sender: JobSender }[] = [
  { header: "x-github-event", value: /^workflow_job$/, sender: github },
  { header: "x-gitlab-event", value: /^Job Hook$/, sender: gitlab },
  { header: "x-buildkite-event", value: /^job\./, sender: buildkite },
];

/** Reads what a sender, whom its headers name, tells of a job. Never raises. */
export function readJobEvent(headers: Headers, body: unknown): JobReading {
  const from = named.filter(({ header }) => headers[header] !== undefined);
  if (from.length === 0) return own.read(body);
  const fitting = from.find(({ header, value }) => value.test(String(headers[header])));
  return fitting === undefined ? { ignored: "it is no event of a job" } : fitting.sender.read(body);
}
