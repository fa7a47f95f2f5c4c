import { type DaysEnd, live } from "./schedule.ts";
import type { Site } from "./site.ts";
import type { Trouble } from "./troubles.ts";

/** A trouble begins and ends at these times of the day, in milliseconds, while builds come and go. */
const times = { begin: 6_000, end: 46_000 };
/** What was known when the trouble began may still be acted on so long: a round is used for three intervals, and pods are under way. */
const knownForMs = 8_000;

/** What came of a day with a trouble. */
export interface TroubledDay extends DaysEnd {
  /** How soon after the end of the trouble a build that came then was running, in milliseconds. */
  readonly healthyAfterMs: number;
  /** Slaves that were launched while the trouble lasted. */
  readonly launchedMeanwhile: number;
}

/** Lives through a day on which something goes wrong for forty seconds. */
export async function liveThrough(trouble: Trouble, seed: number): Promise<TroubledDay> {
  let healthyAfterMs = Number.POSITIVE_INFINITY;
  let launchedMeanwhile = 0;
  let isPast = false;
  const disturb = (site: Site): (() => boolean) => {
    const { time, jenkins } = site;
    const startedAt = time.wallClock;
    time.in(times.begin, () => {
      site.isTroubled = true;
      trouble.begin(site);
    });
    time.in(times.end, () => {
      isPast = true;
      launchedMeanwhile = site.records.filter(
        ({ life }) => (life.trail[0]?.at ?? 0) > startedAt + times.begin + knownForMs,
      ).length;
      site.isTroubled = false;
      trouble.end(site);
      jenkins.core.createJob({ name: "after", label: "python", durationMs: 2_000 });
      jenkins.core.build("after");
    });
    jenkins.core.subscribe(({ kind, work }) => {
      if (kind === "started" && work?.job === "after")
        healthyAfterMs = Math.round(time.wallClock - startedAt - times.end);
    });
    return () => isPast;
  };
  const day = await live({
    seed,
    builds: 40,
    wishes: ["python", "java"],
    templates: [
      { name: "python", labels: ["python"] },
      { name: "java", labels: ["java"] },
    ],
    takesMs: [1_000, 30_000],
    disturb,
  });
  return { ...day, healthyAfterMs, launchedMeanwhile };
}
