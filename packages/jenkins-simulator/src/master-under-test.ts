import type { JenkinsSimulator } from "./simulator.ts";

/** A freestyle job that a suite needs. */
export interface JobUnderTest {
  readonly name: string;
  /** Label expression; absent: unlabelled. */
  readonly label?: string | undefined;
  /** Parameters with their defaults. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Its builds run until `letBuildsEnd`. Default: they end at once. */
  readonly holds?: boolean | undefined;
  /** Whether two builds may run at once. Default true. */
  readonly concurrent?: boolean | undefined;
}

/** A build as its master tells of it. */
export interface BuildUnderTest {
  readonly number: number;
  readonly building: boolean;
  /** Null while it runs. */
  readonly result: string | null;
  /** "" where it is not known (yet). */
  readonly builtOn: string;
}

/** A master that a suite runs against, whatever it is: seen by a person with all rights, past the adapter that is tested. */
export interface MasterUnderTest {
  readonly kind: "simulator" | "hudson";
  readonly url: string;
  readonly user: string;
  /** The user's password. */
  readonly secret: string;
  createJob(job: JobUnderTest): Promise<void>;
  build(job: string, parameters?: Readonly<Record<string, string>>): Promise<void>;
  /** From now on builds of this job end by themselves, those that run too. */
  letBuildsEnd(job: string): Promise<void>;
  /** Newest first. */
  builds(job: string): Promise<BuildUnderTest[]>;
  nodes(): Promise<{ readonly name: string; readonly offline: boolean; readonly idle: boolean }[]>;
  queue(): Promise<{ readonly job: string; readonly buildable: boolean; readonly why: string }[]>;
  /** Attaches an agent to a node that is there, and waits until it is online. `stop` kills it. */
  connectAgent(node: string): Promise<{ stop(): Promise<void> }>;
  stop(): Promise<void>;
}

/** The simulator as such a master. Its agents are attached within; no process is started. */
export function simulatorUnderTest(simulator: JenkinsSimulator): MasterUnderTest {
  const { core } = simulator;
  return {
    kind: "simulator",
    url: simulator.url,
    user: simulator.user,
    secret: simulator.password,
    async createJob({ holds, ...job }) {
      core.createJob({ ...job, durationMs: holds === true ? null : 0 });
    },
    async build(job, parameters = {}) {
      core.build(job, { parameters });
    },
    async letBuildsEnd(job) {
      core.subscribe((event) => {
        if (event.kind === "started" && event.work?.job === job) queueMicrotask(() => core.finishBuild(job));
      });
      core.finishBuild(job);
    },
    async builds(job) {
      return core
        .job(job)
        .runs.map((run) => ({
          number: run.number,
          building: run.endedAtMs === null,
          result: run.endedAtMs === null ? null : run.result,
          builtOn: run.builtOn ?? "",
        }))
        .reverse();
    },
    async nodes() {
      return [...core.state.nodes.values()].map((node) => ({
        name: node.name,
        offline: node.mark !== null || node.connectedAtMs === null,
        idle: node.executors.every((executor) => executor.work === null),
      }));
    },
    async queue() {
      return core.items().map((item) => ({
        job: item.task.job.spec.name,
        buildable: item.stage === "buildable" || item.stage === "pending",
        why: core.why(item.id) ?? "",
      }));
    },
    async connectAgent(node) {
      core.connect(node);
      return { stop: async () => core.disconnect(node) };
    },
    stop: () => simulator.stop(),
  };
}
