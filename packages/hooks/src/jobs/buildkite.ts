import { z } from "zod";
import { idField, labelList, nameField, readAs, timeField, urlField } from "./fields.ts";
import type { JobSender } from "./job-event.ts";

const states = { "job.scheduled": "waiting", "job.started": "running", "job.finished": "over" } as const;

const bodySchema = z.object({
  event: z.string().max(64),
  job: z.object({
    id: idField,
    type: z.string().max(64).default("script"),
    name: nameField.nullish(),
    web_url: urlField.default(""),
    agent_query_rules: labelList.default([]),
    runnable_at: timeField,
    scheduled_at: timeField,
    started_at: timeField,
    finished_at: timeField,
  }),
  pipeline: z.object({ slug: nameField.default("") }).default({ slug: "" }),
});

/**
 * Buildkite's job events. Each rule such as `queue=default` is a label, letter by letter. A job that is tried again is
 * another one.
 */
export const buildkite: JobSender = {
  name: "buildkite",
  read: (body) => {
    const read = readAs(bodySchema, body);
    if ("unreadable" in read) return read;
    const { event, job, pipeline } = read.data;
    if (!isEvent(event)) return { ignored: "its event says nothing of an agent" };
    if (job.type !== "script") return { ignored: "its job is none that an agent runs" };
    const state = states[event];
    return {
      event: {
        id: `buildkite-${job.id}`,
        source: "buildkite",
        name: [pipeline.slug, job.name ?? ""].filter((name) => name !== "").join(": "),
        url: job.web_url,
        labels: labelsOf(job.agent_query_rules),
        state,
        attempt: 0,
        at: { waiting: job.runnable_at ?? job.scheduled_at, running: job.started_at, over: job.finished_at }[state],
      },
    };
  },
};

/** A rule with a star means any value, which no label can say: then nobody knows which agent would do. `*` alone is no rule. */
function labelsOf(rules: readonly string[]): string[] | null {
  const labels = rules.filter((rule) => rule !== "*");
  return labels.some((label) => label.includes("*")) ? null : labels;
}

function isEvent(event: string): event is keyof typeof states {
  return Object.hasOwn(states, event);
}
