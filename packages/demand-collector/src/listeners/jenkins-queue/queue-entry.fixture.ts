import type { QueueEntry } from "@kubestack/jenkins";

/** An item of a master's queue that waits for an executor; `job` is its job's name. */
export function queueEntry(id: string, job: string, changed: Partial<QueueEntry> = {}): QueueEntry {
  return {
    id,
    buildable: true,
    pending: false,
    blocked: false,
    stuck: false,
    why: "",
    inQueueSince: 1000 + Number(id),
    buildableSince: null,
    job: { name: job, url: `http://ci.example.org/job/${job}/` },
    ...changed,
  };
}
