import type { HookedJobState } from "@kubestack/contracts";
import { z } from "zod";
import { idField, nameField, readAs, timeField, urlField } from "./fields.ts";
import type { JobSender } from "./job-event.ts";

/** What each status means. One that is not here waits for something else than an agent: an earlier stage, a person, a resource. */
const states: ReadonlyMap<string, HookedJobState> = new Map([
  ["pending", "waiting"],
  ["running", "running"],
  ["canceling", "running"],
  ["success", "over"],
  ["failed", "over"],
  ["canceled", "over"],
  ["skipped", "over"],
]);

const bodySchema = z.object({
  build_id: idField,
  build_name: nameField.default(""),
  build_status: z.string().max(64),
  build_started_at: timeField,
  build_finished_at: timeField,
  project_name: nameField.default(""),
  repository: z.object({ homepage: urlField.default("") }).nullish(),
});

/**
 * GitLab's job events. They don't tell a job's tags: those of the runner come with it, and it is null while the job waits.
 * Nor since when it waits: a job is made long before its turn. A job that is tried again is another one.
 */
export const gitlab: JobSender = {
  name: "gitlab",
  read: (body) => {
    const read = readAs(bodySchema, body);
    if ("unreadable" in read) return read;
    const job = read.data;
    const state = states.get(job.build_status);
    if (state === undefined) return { ignored: "its status says nothing of an agent" };
    const project = job.repository?.homepage ?? "";
    return {
      event: {
        id: `gitlab-${job.build_id}`,
        source: "gitlab",
        name: [job.project_name, job.build_name].filter((name) => name !== "").join(": "),
        url: project === "" ? "" : `${project}/-/jobs/${job.build_id}`,
        labels: null,
        state,
        attempt: 0,
        at: { waiting: null, running: job.build_started_at, over: job.build_finished_at }[state],
      },
    };
  },
};
