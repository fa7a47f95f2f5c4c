import type { Job, Run } from "../../core/job.ts";
import type { MasterState, QueueItem } from "../../core/state.ts";
import type { Saying } from "../../core/why-memory.ts";
import type { Access } from "../permissions.ts";

/** Who looks at what, and how it names itself in links. */
export interface View {
  readonly state: MasterState;
  /** With a slash at its end. */
  readonly rootUrl: string;
  readonly access: Access;
  readonly saying: (item: QueueItem) => Saying;
}

/** `job/a/job/b/`, below the root. */
export function jobPath(name: string): string {
  return name
    .split("/")
    .map((part) => `job/${encodeURIComponent(part)}/`)
    .join("");
}

/** A build's address below the root; a combination's lies below its matrix. */
export function runPath(run: Run): string {
  const within = run.combination === "" ? "" : `${encodeURIComponent(run.combination)}/`;
  return `${jobPath(run.job.spec.name)}${within}${run.number}/`;
}

/** `team » api`. */
export function displayNameOf(job: Job): string {
  return job.spec.name.split("/").join(" » ");
}

export function runDisplayName(run: Run): string {
  const within = run.combination === "" ? "" : ` » ${run.combination}`;
  return `${displayNameOf(run.job)}${within} #${run.number}`;
}
