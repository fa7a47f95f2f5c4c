import type { FunctionCount, WorkerRow } from "../admin/reply-lines.ts";
import { namesOf, readFunctionName } from "./function-name.ts";

/** The builds of one function that the server has. */
export interface WantedBuilds {
  /** The function's name, as the server has it. */
  readonly name: string;
  readonly job: string;
  /** The label that is wanted; null: any. */
  readonly label: string | null;
  /** Who told the label: the function's own name, or a worker that runs the job; null where nobody did. */
  readonly labelFrom: "function" | "worker" | null;
  /** Those that wait and those that run: always more than none. */
  readonly total: number;
  readonly running: number;
  /** Workers that have registered for the function. */
  readonly workers: number;
}

type Counting = (count: Pick<FunctionCount, "total" | "running">) => number;

/** How many agents a function needs: it depends on what is set against it. The server's TOTAL has running builds in it. */
export const countingRules = {
  /** What has not begun. Only agents that are idle or coming may be set against it. */
  waiting: ({ total, running }) => Math.max(0, total - running),
  /** As Nodepool counted, and the original KubeStack after it: agents that work are set against it, too. */
  nodepool: ({ total }) => total,
} as const satisfies Readonly<Record<string, Counting>>;

export type CountingRule = keyof typeof countingRules;

/** The builds that one line of `status` tells; undefined where it tells none. */
export function wantedBuilds({ name, total, running, workers }: FunctionCount): WantedBuilds | undefined {
  const build = readFunctionName(name);
  if (build === undefined || total === 0) return undefined;
  return { name, ...build, labelFrom: build.label === null ? null : "function", total, running, workers };
}

/** Jobs whose builds name no label: for these alone workers need to be asked. */
export function jobsWithoutLabel(builds: readonly WantedBuilds[]): Set<string> {
  return new Set(builds.flatMap(({ job, label }) => (label === null ? [job] : [])));
}

/** Reads the rows of `workers` one by one, and keeps the labels of `jobs` only. */
export class RegisteredLabels {
  readonly #jobs: ReadonlySet<string>;
  /** A list for each job, in the order of the rows. */
  readonly #labels = new Map<string, string[]>();

  constructor(jobs: ReadonlySet<string>) {
    this.#jobs = jobs;
  }

  /** Whether any row could tell anything that is asked for. */
  get isWanted(): boolean {
    return this.#jobs.size > 0;
  }

  saw(row: WorkerRow): void {
    for (const name of namesOf(row.functions)) {
      const build = readFunctionName(name);
      if (build === undefined || build.label === null || !this.#jobs.has(build.job)) continue;
      const known = this.#labels.get(build.job);
      if (known === undefined) this.#labels.set(build.job, [build.label]);
      else if (known.length < mostLabels && !known.includes(build.label)) known.push(build.label);
    }
  }

  /** The labels under which workers registered for the job, first come first. */
  of(job: string): readonly string[] {
    return this.#labels.get(job) ?? [];
  }
}

/** Of one job so many labels are kept. */
const mostLabels = 64;

/** Builds that name no label go to the first one that a worker registered for their job; where there is none, to any agent. */
export function withWorkersLabels(builds: readonly WantedBuilds[], labels: RegisteredLabels): WantedBuilds[] {
  return builds.map((one) => {
    const [first] = one.label === null ? labels.of(one.job) : [];
    return first === undefined ? one : { ...one, label: first, labelFrom: "worker" };
  });
}

/** How many agents each label needs; null: builds that take any. */
export function countByLabel(builds: readonly WantedBuilds[], rule: CountingRule): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const build of builds) {
    const count = countingRules[rule](build);
    if (count > 0) counts.set(build.label, (counts.get(build.label) ?? 0) + count);
  }
  return counts;
}
