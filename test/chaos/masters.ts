import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CoreEvent, type JenkinsSimulator, startJenkinsSimulator, type Work } from "@kubestack/jenkins-simulator";
import type { BuildSeen, Kill, Sighting } from "./history.ts";
import { buildText } from "./history.ts";

/** Labels do not overlap: how many slaves builds need can be said exactly. */
export const labels = ["python", "java", "go"] as const;
/** Builds take so long, in milliseconds; quick ones may be over before anybody has seen them. */
const takesMs = { "": [1_000, 6_000], "-quick": [100, 900] } as const;
const freestyle = labels.flatMap((label) => Object.keys(takesMs).map((speed) => `${label}${speed}`));
const pipelines = labels.map((label) => `${label}-pipeline`);

/** Of a build that comes right after a fault. */
export const probeJob = labels[0];

/** The jobs of every master; pipelines only where it is asked for them. */
export function jobNames(withPipelines: boolean): string[] {
  return withPipelines ? [...freestyle, ...pipelines] : freestyle;
}

/** A simulated Jenkins of this process, which is asked over real HTTP, and whose every event can be read. */
export interface ChaosMaster {
  readonly name: string;
  readonly jenkins: JenkinsSimulator;
  readonly tokenFile: string;
  build(job: string): void;
  builds(): BuildSeen[];
  kills(): Kill[];
  sightings(): Sighting[];
  /** Whether nothing waits or runs. */
  isIdle(): boolean;
}

export async function startMaster(name: string, of: { seed: number; folder: string }): Promise<ChaosMaster> {
  // A pipeline waits for its node half a minute instead of five: a run must end.
  const jenkins = await startJenkinsSimulator({ seed: of.seed, assignment: "shuffled", nodeTimeoutMs: 30_000 });
  const { core } = jenkins;
  const tokenFile = join(of.folder, `${name}.token`);
  await writeFile(tokenFile, jenkins.token, { mode: 0o600 });
  const parameters = { N: "0" };
  for (const label of labels) {
    for (const [speed, durationMs] of Object.entries(takesMs))
      core.createJob({ name: `${label}${speed}`, label, durationMs, parameters });
    core.createJob({
      name: `${label}-pipeline`,
      kind: "pipeline",
      blocks: [{ label, durationMs: [3_000, 8_000] }],
      parameters,
    });
  }
  let number = 0;
  const build = (job: string): void => {
    number += 1;
    core.build(job, { parameters: { N: String(number) } });
  };
  return {
    name,
    jenkins,
    tokenFile,
    build,
    builds: () => core.works().map((work) => seen(name, work)),
    kills: () => core.killed().flatMap((event) => killIn(name, event)),
    sightings: () =>
      core.state.events.flatMap(({ atMs, kind, node, work, by }) =>
        node === undefined ? [] : [{ at: atMs, slave: node, what: eventText(name, { kind, work, by }) }],
      ),
    isIdle: () => core.items().length === 0 && core.works().every(({ endedAtMs }) => endedAtMs !== null),
  };
}

function seen(master: string, work: Work): BuildSeen {
  const { number, queuedAtMs, startedAtMs, endedAtMs, node, result, endedBy } = work;
  return {
    master,
    job: jobOf(work),
    number,
    queuedAt: queuedAtMs,
    startedAt: startedAtMs,
    endedAt: endedAtMs,
    node,
    result,
    endedBy,
  };
}

function killIn(master: string, { atMs, node, work, by }: CoreEvent): Kill[] {
  if (work === undefined) return [];
  const build = buildText({ master, job: jobOf(work), number: work.number });
  return [{ at: atMs, master, node: node ?? null, build, by: by ?? "nobody" }];
}

function jobOf({ job, part }: Work): string {
  return part === "" ? job : `${job} ${part}`;
}

function eventText(
  master: string,
  { kind, work, by }: { kind: string; work: Work | undefined; by: string | undefined },
): string {
  const build = work === undefined ? "" : ` ${buildText({ master, job: jobOf(work), number: work.number })}`;
  return `master: ${kind}${build}${by === undefined ? "" : ` (by ${by})`}`;
}
