import type { MessageFaults } from "./memory-nats.ts";
import { Readings } from "./readings.ts";
import { Site, type SiteOptions } from "./site.ts";

/** What a day is made of; what happens when is decided by its seed. */
export interface Schedule extends SiteOptions {
  readonly builds: number;
  /** Label expressions, one job for each. */
  readonly wishes: readonly string[];
  /** Milliseconds that builds take. */
  readonly takesMs: readonly [least: number, most: number];
  /** The part of items that are taken out of the queue again soon after. */
  readonly cancelled?: number;
  readonly messages?: MessageFaults;
  /** Called when everything runs, to do something to it; what it answers says whether the day may end already. */
  readonly disturb?: (site: Site) => (() => boolean) | undefined;
}

/** What came of a day: every launched slave is in exactly one class. */
export interface DaysEnd {
  readonly isOver: boolean;
  readonly launched: number;
  readonly served: number;
  readonly failed: number;
  readonly withdrawn: number;
  readonly alive: number;
  /** Builds that ran, and how many of them ran on a slave that had run one before. */
  readonly built: number;
  readonly shared: number;
  /** Builds that were cut off by what was done to their node or agent. */
  readonly killed: number;
  /** Slaves whose name was given to more than one pod. */
  readonly doubled: number;
  /** Virtual milliseconds until nothing was left. */
  readonly tookMs: number;
}

/** What the services themselves counted, all of their processes together. */
export interface Counted {
  readonly launched: number;
  readonly served: number;
  readonly failed: number;
  readonly withdrawn: number;
  readonly shared: number;
  readonly doubled: number;
}

/** Long enough for the brake to let go by itself. */
const longestDayMs = 3 * 60 * 60_000;

/** Lives through a day, until every build has ended and nothing is left of any slave. */
export async function live(schedule: Schedule): Promise<DaysEnd> {
  const { counted: _counted, unseen: _unseen, ...day } = await liveCounted(schedule);
  return day;
}

/** The same, with what the services counted, and with the slaves that ran builds of which nobody can know. */
export async function liveCounted(
  schedule: Schedule,
): Promise<DaysEnd & { readonly counted: Counted; readonly unseen: number }> {
  const site = new Site(schedule);
  const readings = new Readings(site);
  try {
    await site.start();
    site.nats.faults = schedule.messages ?? site.nats.faults;
    const arrived = plan(site, schedule);
    const mayEnd = schedule.disturb?.(site) ?? (() => true);
    const isOver = await site.time.run(
      longestDayMs,
      () => arrived.left === 0 && mayEnd() && hasEnded(site) && site.isEmpty,
    );
    return { isOver, ...countOf(site), counted: countedBy(site), unseen: readings.unseen };
  } finally {
    site.end();
  }
}

/** Whether nothing waits or runs at the master. */
export function hasEnded({ jenkins: { core } }: Site): boolean {
  return core.items().length === 0 && core.works().every(({ endedAtMs }) => endedAtMs !== null);
}

/** Builds arrive in bursts with pauses between them. */
export function plan(site: Site, { builds, wishes, takesMs, cancelled = 0 }: Schedule): { left: number } {
  const { time } = site;
  const { core } = site.jenkins;
  const durationMs: [number, number] = [...takesMs];
  for (const [at, label] of wishes.entries())
    core.createJob({ name: `job-${at}`, label, durationMs, parameters: { N: "0" } });
  const arriving = { left: builds };
  let at = 0;
  for (let number = 1; number <= builds; number += 1) {
    at += time.chance(0.15) ? time.between(0, 20_000) : time.between(0, 100);
    const job = `job-${Math.floor(time.random() * wishes.length)}`;
    const patienceMs = time.chance(cancelled) ? time.between(0, 10_000) : undefined;
    time.in(at, () => {
      arriving.left -= 1;
      const id = core.build(job, { parameters: { N: String(number) } });
      if (patienceMs !== undefined) time.in(patienceMs, () => void core.cancel(id));
    });
  }
  return arriving;
}

/** Counts what came of the slaves and builds. */
export function countOf(site: Site): Omit<DaysEnd, "isOver"> {
  const { core } = site.jenkins;
  const outcomes = site.records.map(({ life, state }) => (state === "deleted" ? life.outcome : "alive"));
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
  const ran = core.works().filter(({ startedAtMs }) => startedAtMs !== null);
  const nodes = new Set(ran.map(({ node }) => node));
  return {
    launched: outcomes.length,
    served: count("served"),
    failed: count("failed"),
    withdrawn: count("withdrawn"),
    alive: count("alive"),
    built: ran.length,
    shared: ran.length - nodes.size,
    killed: core.killed().length,
    doubled: [...site.cluster.created.values()].filter((uids) => uids.length > 1).length,
    tookMs: Math.round(site.time.now),
  };
}

function countedBy({ tally, records }: Site): Counted {
  const templates = [...new Set(records.map(({ template }) => template))];
  const ended = (outcome: string): number =>
    templates.reduce((sum, template) => sum + tally.sum("launch_outcomes_total", "m", template, outcome), 0);
  return {
    launched: tally.sum("launches_total"),
    served: ended("served"),
    failed: ended("failed"),
    withdrawn: ended("withdrawn"),
    shared: tally.sum("shared_slave_builds_total"),
    doubled: tally.sum("duplicate_launches_total"),
  };
}
