import type { SlaveRecord } from "@kubestack/contracts";

/** A template whose launches keep failing is held back for the first time this long, doubled with each failure, in milliseconds. */
export const holdLimits = { leastMs: 30_000, mostMs: 30 * 60_000 } as const;

/** How one launch ended, for judging its template. */
export interface LaunchEnd {
  readonly template: string;
  readonly failed: boolean;
  readonly at: number;
  readonly reason: string;
}

/** How a slave's launch ended, or undefined while it is not known. An agent that came online proves its template. */
export function launchEndOf({
  template,
  life,
  state,
}: Pick<SlaveRecord, "template" | "life" | "state">): LaunchEnd | undefined {
  if (life.agent.firstOnlineAt !== null) return { template, failed: false, at: life.agent.firstOnlineAt, reason: "" };
  if ((state !== "draining" && state !== "deleted") || life.outcome !== "failed") return undefined;
  const entry = life.trail.findLast(({ state: entered }) => entered === "draining");
  return { template, failed: true, at: entry?.at ?? 0, reason: entry?.reason ?? "" };
}

/** Why a template is held at `now`, or undefined. Failures count since the last success, in the order of their times. */
export function holdOf(template: string, ends: readonly LaunchEnd[], now: number): string | undefined {
  const own = ends.filter((end) => end.template === template).sort((a, b) => a.at - b.at);
  const lastSuccess = own.findLastIndex(({ failed }) => !failed);
  const failures = own.slice(lastSuccess + 1);
  const last = failures.at(-1);
  if (last === undefined) return undefined;
  const holdMs = Math.min(holdLimits.mostMs, holdLimits.leastMs * 2 ** Math.min(failures.length - 1, 20));
  const until = last.at + holdMs;
  if (now >= until) return undefined;
  const seconds = Math.ceil((until - now) / 1000);
  return `${failures.length === 1 ? "a launch" : `${failures.length} launches in a row`} failed, next try in ${seconds} s; the last: ${last.reason}`;
}
