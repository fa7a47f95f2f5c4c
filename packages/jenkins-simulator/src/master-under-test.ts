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

/** An agent that is attached. */
export interface AgentUnderTest {
  /** Kills it, as the end of its machine would. */
  stop(): Promise<void>;
}

/** A master that a suite runs against, whatever it is: seen by a person with all rights, past the adapter that is tested. */
export interface MasterUnderTest {
  readonly flavour: "jenkins" | "hudson";
  readonly url: string;
  readonly user: string;
  readonly secret: string;
  readonly secretKind: "password" | "token";
  /** Whom it does not know. */
  readonly stranger: { readonly user: string; readonly secret: string };
  /** What the names of all jobs, nodes and labels of the suite begin with: nothing of anybody else's does. */
  readonly prefix: string;
  /** Folder, on the machine of the agents, for their work. */
  readonly agentsFolder: string;
  /** Whether nobody minds that for a moment it starts no builds. */
  readonly mayQuietDown: boolean;
  createJob(job: JobUnderTest): Promise<void>;
  /** Asks for a build whose item stays in the quiet period for `delaySeconds`. Default 0. */
  build(job: string, parameters?: Readonly<Record<string, string>>, delaySeconds?: number): Promise<void>;
  /** From now on builds of this job end by themselves, those that run too. */
  letBuildsEnd(job: string): Promise<void>;
  /** Newest first. */
  builds(job: string): Promise<BuildUnderTest[]>;
  cancelItem(id: string): Promise<void>;
  nodes(): Promise<{ readonly name: string; readonly offline: boolean; readonly idle: boolean }[]>;
  /** Attaches an agent to a node that is there, and waits until it is online; where the node is marked, until it is connected. */
  connectAgent(node: string, how?: { readonly isMarked?: boolean }): Promise<AgentUnderTest>;
  /** False where the user may not. */
  quietDown(): Promise<boolean>;
  cancelQuietDown(): Promise<void>;
  /** Removes what the suite made. */
  stop(): Promise<void>;
}

/** The simulator as such a master. Its agents are attached within; no process is started. */
export function simulatorUnderTest(simulator: JenkinsSimulator): MasterUnderTest {
  const { core } = simulator;
  return {
    flavour: "jenkins",
    url: simulator.url,
    user: simulator.user,
    secret: simulator.password,
    secretKind: "password",
    stranger: { user: simulator.user, secret: "wrong" },
    prefix: "suite-",
    agentsFolder: "/agents",
    mayQuietDown: true,
    async createJob({ holds, ...job }) {
      core.createJob({ ...job, durationMs: holds === true ? null : 0 });
    },
    async build(job, parameters = {}, delaySeconds = 0) {
      core.build(job, { parameters, delayMs: delaySeconds * 1000 });
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
    async cancelItem(id) {
      core.cancel(Number(id));
    },
    async nodes() {
      return [...core.state.nodes.values()].map((node) => ({
        name: node.name,
        offline: node.mark !== null || node.connectedAtMs === null,
        idle: node.executors.every((executor) => executor.work === null),
      }));
    },
    async connectAgent(node) {
      core.connect(node);
      return { stop: async () => core.disconnect(node) };
    },
    async quietDown() {
      core.quietDown();
      return true;
    },
    async cancelQuietDown() {
      core.cancelQuietDown();
    },
    stop: () => simulator.stop(),
  };
}
