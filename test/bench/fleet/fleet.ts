import { setTimeout as pause } from "node:timers/promises";
import { type Ratio, rounded } from "../measure.ts";
import { Builds } from "./builds.ts";
import { MemoryWatch, memoryOf, processorSeconds } from "./memory.ts";
import { countRequests } from "./requests.ts";
import { type FleetSite, startFleetSite } from "./site.ts";
import { benchTakeover } from "./takeover.ts";

const minuteMs = 60_000;
const settledMs = 5_000;

/** What is measured: the short form belongs to every run, the long one is what the limits are about. */
const forms = {
  short: { restMs: 20_000, heldMs: minuteMs, comingAndGoingMs: 0, most: 600, mostHeldMs: minuteMs },
  long: {
    restMs: minuteMs,
    heldMs: 5 * minuteMs,
    comingAndGoingMs: 30 * minuteMs,
    most: 2_000,
    mostHeldMs: 2 * minuteMs,
  },
} as const;

const few = 200;
/** Resident memory that `kubestackd` may have with so many slaves, in megabytes. */
const fewLimit = 250;
/** What each slave more may add, in kilobytes. */
const slaveLimit = 100;
/** A pod and a Secret created, a pod deleted. */
const requestsNeeded = 3;

/**
 * A fleet on a real API server and a real NATS, served by one `kubestackd`: how much memory it takes, whether that grows
 * while slaves come and go, and how many requests a slave costs. `tell` is given a line now and then, for who waits.
 */
export async function benchFleet(form: keyof typeof forms, tell: (line: string) => void): Promise<Ratio[]> {
  const site = await startFleetSite(tell);
  const watch = new MemoryWatch(site.pid);
  try {
    return await measure({ ...forms[form], site, watch, tell, builds: new Builds(site.jenkins) });
  } finally {
    watch.stop();
    await site.stop();
  }
}

/** Kills the owner of as many slaves as the long form has, and measures how long they are nobody's; nothing else. */
export async function benchTakeoverAlone(tell: (line: string) => void): Promise<Ratio> {
  const { most } = forms.long;
  const site = await startFleetSite(tell);
  try {
    const builds = new Builds(site.jenkins);
    await builds.hold(most);
    tell(`${builds.running} builds run`);
    const result = await benchTakeover(site, most, tell);
    await builds.endAll();
    await site.agents.untilNoPods();
    return result;
  } finally {
    await site.stop();
  }
}

interface Bench {
  readonly restMs: number;
  readonly heldMs: number;
  readonly comingAndGoingMs: number;
  readonly most: number;
  readonly mostHeldMs: number;
  readonly site: FleetSite;
  readonly watch: MemoryWatch;
  readonly builds: Builds;
  readonly tell: (line: string) => void;
}

async function measure(bench: Bench): Promise<Ratio[]> {
  const { builds, most } = bench;
  const atRest = await stay(bench, bench.restMs);
  await builds.hold(few);
  const withFew = await stay(bench, bench.heldMs);
  const results = [await memoryOfFew(bench, { atRest, withFew })];
  if (bench.comingAndGoingMs > 0) results.push(await growth(bench));
  await builds.hold(most);
  const withMost = await stay(bench, bench.mostHeldMs);
  const { peak } = await memoryOf(bench.site.pid);
  results.push(await benchTakeover(bench.site, most, bench.tell));
  await builds.endAll();
  await bench.site.agents.untilNoPods();
  // Of the last slaves nothing is asked any more after this time.
  await pause(settledMs);
  results.push({
    name: `kilobytes for each slave from ${few} to ${most}, to ${slaveLimit}`,
    ratio: rounded(((withMost - withFew) * 1_000) / (most - few) / slaveLimit),
    limit: 1,
    figures: { megabytes: rounded(withMost), peakMegabytes: rounded(peak) },
  });
  return [...results, await requests(bench)];
}

/** Lets time pass, and gives the resident memory of its last minute. */
async function stay({ watch, builds, tell, site }: Bench, ms: number): Promise<number> {
  for (let left = ms; left > 0; left -= minuteMs) {
    await pause(Math.min(left, minuteMs));
    const used = rounded(await processorSeconds(site.pid));
    tell(
      `${builds.running} builds run, ${builds.ended} ended; ${rounded(watch.median(minuteMs))} MB, ${used} s of processor time`,
    );
  }
  return watch.median(Math.min(ms, minuteMs));
}

async function memoryOfFew({ site }: Bench, of: { atRest: number; withFew: number }): Promise<Ratio> {
  const { own, peak } = await memoryOf(site.pid);
  const launcher = await memoryOf(site.kubestackd.pid);
  return {
    name: `megabytes of kubestackd with ${few} slaves, to ${fewLimit}`,
    ratio: rounded(of.withFew / fewLimit),
    limit: 1,
    figures: {
      megabytes: rounded(of.withFew),
      atRestMegabytes: rounded(of.atRest),
      ownMegabytes: rounded(own),
      peakMegabytes: rounded(peak),
      launcherMegabytes: rounded(launcher.rss),
    },
  };
}

/** The last five minutes of coming and going, to the second five: by then the first have warmed up what is ever used. */
async function growth(bench: Bench): Promise<Ratio> {
  const { builds, watch, comingAndGoingMs } = bench;
  const partMs = 5 * minuteMs;
  const before = builds.ended;
  builds.comeAndGo();
  await stay(bench, 2 * partMs);
  const early = watch.median(partMs);
  await stay(bench, comingAndGoingMs - 2 * partMs);
  const late = watch.median(partMs);
  return {
    name: `memory after ${comingAndGoingMs / minuteMs} minutes of slaves coming and going, to that after ten`,
    ratio: rounded(late / early),
    limit: 1.1,
    figures: {
      earlyMegabytes: rounded(early),
      lateMegabytes: rounded(late),
      peakMegabytes: rounded((await memoryOf(bench.site.pid)).peak),
      slavesEnded: builds.ended - before,
    },
  };
}

async function requests({ site, builds }: Bench): Promise<Ratio> {
  const counts = await countRequests(site.auditFile);
  const each = Object.fromEntries([...counts].map(([kind, count]) => [kind, rounded(count / builds.ended)]));
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    name: `requests to the API server for each slave, to the ${requestsNeeded} that its life needs`,
    ratio: rounded(all / builds.ended / requestsNeeded),
    limit: 2,
    figures: each,
  };
}
