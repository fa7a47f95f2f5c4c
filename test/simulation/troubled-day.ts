import { type DaysEnd, live } from "./schedule.ts";
import type { Site } from "./site.ts";
import type { Trouble } from "./troubles.ts";

/** A trouble begins and ends at these times of the day, in milliseconds, while builds come and go. */
const times = { begin: 6_000, end: 46_000 };
/** After a trouble that lasted forty seconds everything is well again this soon, with nobody's help, in milliseconds. */
export const wellAgainMs = 40_000;
/** What was known when the trouble began may still be acted on so long: a round is used for three intervals, and pods are under way. */
const knownForMs = 8_000;

/** What came of a day with a trouble. */
export interface TroubledDay extends DaysEnd {
  /** How soon after the end of the trouble a build that came then was running, in milliseconds. */
  readonly healthyAfterMs: number;
  /** Slaves that were launched while the trouble lasted. */
  readonly launchedMeanwhile: number;
  /** Slaves that left as if they had been for nothing, though they ran builds: all of them came and went while nobody could see. */
  readonly unseen: number;
}

/** Lives through a day on which something goes wrong for forty seconds. */
export async function liveThrough(trouble: Trouble, seed: number): Promise<TroubledDay> {
  let healthyAfterMs = Number.POSITIVE_INFINITY;
  let launchedMeanwhile = 0;
  let isPast = false;
  let unseen = (): number => 0;
  const disturb = (site: Site): (() => boolean) => {
    const { time, jenkins } = site;
    const startedAt = time.wallClock;
    const isBlind = (at: number | null): boolean =>
      at !== null && at >= startedAt + times.begin && at <= startedAt + times.end + wellAgainMs;
    unseen = () =>
      site.records.filter(({ name, life }) => {
        const ran = jenkins.core.works().filter(({ node, startedAtMs }) => node === name && startedAtMs !== null);
        const isUnseen = ran.every(({ startedAtMs, endedAtMs }) => isBlind(startedAtMs) && isBlind(endedAtMs));
        return life.outcome === "withdrawn" && ran.length > 0 && isUnseen;
      }).length;
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
  return { ...day, healthyAfterMs, launchedMeanwhile, unseen: unseen() };
}
