import { z } from "zod";
import { idField, labelList, nameField, readAs, timeField, urlField } from "./fields.ts";
import type { JobSender } from "./job-event.ts";

/** What each action means; `waiting` is for somebody's consent, not for an agent, and `queued` follows when it is given. */
const states = { queued: "waiting", in_progress: "running", completed: "over" } as const;

/** Says only that a runner is one of one's own, as all of ours are; written in any case. */
const selfHosted = "self-hosted";

const bodySchema = z.object({
  action: z.string().max(64),
  workflow_job: z.object({
    id: idField,
    name: nameField.default(""),
    html_url: urlField.default(""),
    labels: labelList.default([]),
    run_attempt: z.number().int().min(0).max(1_000_000).default(0),
    created_at: timeField,
    started_at: timeField,
    completed_at: timeField,
  }),
  repository: z.object({ full_name: nameField.default("") }).default({ full_name: "" }),
});

/** GitHub's event `workflow_job`. */
export const github: JobSender = {
  name: "github",
  read: (body) => {
    const read = readAs(bodySchema, body);
    if ("unreadable" in read) return read;
    const { action, workflow_job: job, repository } = read.data;
    if (!isState(action)) return { ignored: "its action says nothing of an agent" };
    const state = states[action];
    const times = { waiting: job.created_at, running: job.started_at, over: job.completed_at };
    return {
      event: {
        id: `github-${job.id}`,
        source: "github",
        name: [repository.full_name, job.name].filter((name) => name !== "").join(": "),
        url: job.html_url,
        labels: job.labels.filter((label) => label.toLowerCase() !== selfHosted),
        state,
        attempt: job.run_attempt,
        at: times[state],
      },
    };
  },
};

function isState(action: string): action is keyof typeof states {
  return Object.hasOwn(states, action);
}
