import type { SlaveRecord } from "@kubestack/contracts";
import type { SeenBuild } from "../board/master-view.ts";
import type { SampleJob } from "../sample-jobs.ts";

/** What came of one sample build. Durations are milliseconds since it was asked for; null where it never came so far. */
export interface Outcome {
  readonly job: SampleJob;
  readonly result: string | null;
  readonly slave: string | null;
  readonly toPodMs: number | null;
  readonly toAgentMs: number | null;
  readonly toEndMs: number | null;
}

export interface Evidence {
  readonly jobs: readonly SampleJob[];
  /** When each job's build was asked for, by its name. */
  readonly asked: ReadonlyMap<string, number>;
  readonly builds: readonly SeenBuild[];
  readonly records: readonly SlaveRecord[];
}

/** Puts each sample job's first build together with the slave that ran it. */
export function outcomesOf({ jobs, asked, builds, records }: Evidence): Outcome[] {
  return jobs.map((job) => {
    const build = builds.find(({ job: name, number }) => name === job.name && number === 1);
    const life = records.find(({ name }) => name === build?.slave)?.life;
    const askedAt = asked.get(job.name);
    const since = (at: number | null | undefined): number | null =>
      at === null || at === undefined || askedAt === undefined ? null : at - askedAt;
    const hasEnded = build !== undefined && build.result !== null;
    return {
      job,
      result: build?.result ?? null,
      slave: build?.slave || null,
      toPodMs: since(life?.pod.acceptedAt),
      toAgentMs: since(life?.agent.firstOnlineAt),
      toEndMs: since(hasEnded ? build.startedAt + build.durationMs : undefined),
    };
  });
}

/** For each slave: from the read of the queue that first showed its item until the cluster had its pod, in milliseconds. */
export function podLatencies(records: readonly SlaveRecord[]): number[] {
  return records.flatMap(({ item, life }) =>
    item === null || life.pod.acceptedAt === null ? [] : [life.pod.acceptedAt - item.seenAt],
  );
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
