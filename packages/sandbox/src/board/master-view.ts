import { KubestackError } from "@kubestack/contracts";
import type { HudsonAdmin } from "@kubestack/real-parts";

/** A build that waits in the master's queue. */
export interface SeenItem {
  readonly id: string;
  readonly job: string;
}

/** A build that runs or ran. Instants are milliseconds since 1970, by the master's clock. */
export interface SeenBuild {
  readonly job: string;
  readonly number: number;
  /** Null while it runs. */
  readonly result: string | null;
  /** The slave, or empty where it ran on the master itself. */
  readonly slave: string;
  readonly startedAt: number;
  readonly durationMs: number;
}

export interface MasterView {
  readonly items: readonly SeenItem[];
  readonly builds: readonly SeenBuild[];
}

interface JobsAnswer {
  readonly jobs?: readonly {
    readonly name: string;
    readonly builds?: readonly {
      readonly number: number;
      readonly result?: string | null;
      readonly building: boolean;
      readonly builtOn?: string;
      readonly timestamp: number;
      readonly duration: number;
    }[];
  }[];
}

const jobsPath = "api/json?tree=jobs[name,builds[number,result,building,builtOn,timestamp,duration]]";

/** What the master shows of its builds now: the queue first, so that what left it is found among the builds. */
export async function viewMaster(admin: HudsonAdmin): Promise<MasterView> {
  const items = (await admin.queue()).map(({ id, job }) => ({ id: String(id), job }));
  const answer = await admin.call(jobsPath);
  if (answer.status !== 200)
    throw new KubestackError("master-refused", `The master answered ${answer.status} when asked for its builds.`);
  const { jobs = [] } = JSON.parse(answer.body) as JobsAnswer;
  const builds = jobs.flatMap(({ name, builds: list = [] }) =>
    list.map((build) => ({
      job: name,
      number: build.number,
      result: build.building ? null : (build.result ?? null),
      slave: build.builtOn ?? "",
      startedAt: build.timestamp,
      durationMs: build.duration,
    })),
  );
  return { items, builds };
}
