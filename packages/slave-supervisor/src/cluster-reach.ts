import type { WatchStatus } from "@kubestack/kubernetes";

/** A watch that is not synced for this long, in milliseconds, is one that this process can't have for now. */
export const cutOffMs = 30_000;

/** How the watch of the cluster's pods stands with this process. */
export interface Reach {
  readonly status: Pick<WatchStatus, "state" | "lastError">;
  /** How long ago it was seen synced, in milliseconds; undefined: never since the start. */
  readonly syncedAgoMs: number | undefined;
}

/**
 * Why this process can't do a supervisor's work, in words that go after its name; empty: it can. A short break changes
 * nothing; whoever starts has to have reached the cluster once, for who is started anew where it can't be reached can't either.
 */
export function unableBy({ status, syncedAgoMs }: Reach): string {
  if (status.state === "synced" || (syncedAgoMs !== undefined && syncedAgoMs < cutOffMs)) return "";
  const since = syncedAgoMs === undefined ? "has not been able to watch" : "can't watch";
  return `${since} the cluster's pods (${withoutStop(problemOf(status))})`;
}

/** What a person is told of a watch that is not synced, and of the masters of a process that can't work for that. */
export function toldOfCluster(reach: Reach, masters: { readonly served: number; readonly owned: number }): string {
  const problem = problemOf(reach.status);
  if (unableBy(reach) === "" || masters.served === 0) return problem;
  const where =
    masters.owned === 0
      ? "the masters went from this process to those that reach the cluster"
      : `${masters.owned === 1 ? "1 master stays" : `${masters.owned} masters stay`} with this process until one is there that reaches the cluster`;
  return `${withoutStop(problem)}; ${where}`;
}

/** Follows the watch by looking at it: how long it has been unsynced is counted by the monotonic clock. */
export class ClusterReach {
  readonly #status: () => WatchStatus;
  readonly #monotonic: () => number;
  #syncedAt: number | undefined;

  constructor(status: () => WatchStatus, monotonic: () => number) {
    this.#status = status;
    this.#monotonic = monotonic;
  }

  /** How it stands now. Has to be asked every second or so to be right. */
  now(): Reach {
    const status = this.#status();
    const now = this.#monotonic();
    if (status.state === "synced") this.#syncedAt = now;
    return { status, syncedAgoMs: this.#syncedAt === undefined ? undefined : now - this.#syncedAt };
  }
}

function problemOf({ lastError }: Reach["status"]): string {
  return lastError ?? "not listed yet";
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
