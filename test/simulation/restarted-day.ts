import type { CoreEvent, RestartOptions } from "@kubestack/jenkins-simulator";
import { Readings } from "./readings.ts";
import { countOf, type DaysEnd, hasEnded } from "./schedule.ts";
import { Site, type SiteOptions } from "./site.ts";

/** A day on which the master is started anew, or drops all nodes that its configuration does not name. */
export interface RestartedDay extends Partial<SiteOptions> {
  readonly seed: number;
  /** Default 30. */
  readonly builds?: number;
  /** How often the master is started anew. */
  readonly restarts: number;
  /** How often it reads its configuration anew, which names no node. */
  readonly reloads?: number;
  /** Whether it does so each time that it starts, before its pipelines go on. */
  readonly dropsAtStart?: boolean;
  /** Whether its pipelines take up to three quarters of a minute to be loaded, and to wait for their nodes, after it answers. */
  readonly loadsLate?: boolean;
  /** A crash loses the queue. */
  readonly crashes?: boolean;
  /** Whether the supervisor is killed at each restart, and started again when the master is back or soon after. */
  readonly killsSupervisor?: boolean;
}

export interface RestartedDaysEnd extends DaysEnd {
  /** What was cut off, by what. */
  readonly killedBy: Readonly<Record<string, number>>;
  /** Blocks of pipelines that went on after a restart. */
  readonly wentOn: number;
  /** Freestyle builds that died with the master, as they do. */
  readonly diedWithMaster: number;
  /** Slaves that ran builds of which nobody can know: no answer of the master showed one of them. */
  readonly unseen: number;
  /** Pipelines that ended otherwise than they should. */
  readonly spoiled: readonly string[];
}

const templates = [
  { name: "a", labels: ["a"] },
  { name: "b", labels: ["b"] },
];
const longestMs = 3 * 60 * 60_000;

/** Freestyle builds and pipelines in bursts, and the master is started anew in the middle of them. */
export async function liveThroughRestarts(day: RestartedDay): Promise<RestartedDaysEnd> {
  const { builds = 30 } = day;
  const site = new Site({ templates, anchors: "auto", ...day });
  const { time, jenkins } = site;
  const { core } = jenkins;
  const readings = new Readings(site);
  const N = { parameters: { N: "0" } };
  core.createJob({ name: "plain", label: "a", durationMs: [500, 40_000], ...N });
  const [one, two] = [
    { label: "a", durationMs: [500, 60_000] as const },
    { label: "b", durationMs: [500, 20_000] as const },
  ];
  core.createJob({ name: "long", kind: "pipeline", blocks: [one, two], ...N });
  core.createJob({ name: "wide", kind: "pipeline", blocks: [one, two], parallel: true, ...N });
  if (day.dropsAtStart)
    core.subscribe(({ kind }) => {
      if (kind === "restarted") time.apart(() => time.in(0, () => core.reloadConfiguration([])));
    });
  try {
    await site.start();
    const left = { builds, disturbances: 0 };
    let at = 0;
    for (let number = 1; number <= builds; number += 1) {
      at += time.chance(0.2) ? time.between(0, 30_000) : time.between(0, 200);
      const job = ["plain", "long", "wide"][Math.floor(time.random() * 3)] ?? "plain";
      time.in(at, () => {
        left.builds -= 1;
        core.build(job, { parameters: { N: String(number) } });
      });
    }
    const disturb = (act: () => void): void => {
      left.disturbances += 1;
      time.in(time.between(5_000, at + 20_000), () => {
        left.disturbances -= 1;
        act();
      });
    };
    for (let count = 0; count < day.restarts; count += 1) disturb(() => restart(site, day));
    for (let count = 0; count < (day.reloads ?? 0); count += 1) disturb(() => core.reloadConfiguration([]));
    const isOver = await time.run(
      longestMs,
      () => left.builds === 0 && left.disturbances === 0 && hasEnded(site) && site.isEmpty,
    );
    return { isOver, ...countOf(site), ...endOf(site, day), unseen: readings.unseen };
  } finally {
    site.end();
  }
}

function restart(site: Site, { crashes, killsSupervisor, loadsLate }: RestartedDay): void {
  const { time, jenkins } = site;
  if (jenkins.core.state.phase !== "running") return;
  const options: RestartOptions = {
    downMs: time.between(3_000, 60_000),
    losesQueue: crashes === true,
    ...(loadsLate ? { pipelinesAfterMs: time.between(0, 45_000) } : {}),
  };
  jenkins.core.restart(options);
  if (!killsSupervisor) return;
  site.kill("slave-supervisor");
  time.in(time.between(0, 90_000), () => void site.start("slave-supervisor"));
}

function endOf(site: Site, { crashes }: RestartedDay) {
  const { core } = site.jenkins;
  const killedBy: Record<string, number> = {};
  for (const { by = "?" } of core.killed()) killedBy[by] = (killedBy[by] ?? 0) + 1;
  const isBlock = ({ work }: CoreEvent): boolean => work?.part.startsWith("block") === true;
  const started = core.state.events.filter((event) => event.kind === "started" && isBlock(event));
  const runs = ["long", "wide"].flatMap((job) => core.job(job).runs);
  return {
    killedBy,
    wentOn: started.length - new Set(started.map(({ work }) => work)).size,
    diedWithMaster: core.works().filter(({ endedBy, part }) => endedBy === "restart" && part === "").length,
    spoiled: crashes
      ? []
      : runs
          .filter(({ result }) => result !== "SUCCESS")
          .map(({ job, number, result }) => `${job.spec.name} ${number} ${result}`),
  };
}
