import type { HookedJob } from "@kubestack/contracts";

/** What a sender tells of a job. */
export interface JobEvent extends Omit<HookedJob, "op" | "since"> {
  /** Since when it is so, in milliseconds since the epoch, by the sender's clock; null where it names no time. */
  readonly at: number | null;
}

/** An event as it was understood; what it does not tell us; or why it can't be read. */
export type JobReading = { readonly event: JobEvent } | { readonly ignored: string } | { readonly unreadable: string };

/** The form of a sender's events. */
export interface JobSender {
  /** Its name in records. */
  readonly name: string;
  /** Reads a body that was read as JSON. Never raises, in a time that grows with the body's length. */
  read(body: unknown): JobReading;
}
