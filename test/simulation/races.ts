import type { SlaveRecord } from "@kubestack/contracts";
import { Site, type SiteOptions } from "./site.ts";

/** What came of slaves that were withdrawn while builds came for them. */
export interface RacesEnd {
  readonly isOver: boolean;
  readonly slaves: number;
  /** Slaves that had begun to leave when a build was handed to them. */
  readonly caught: number;
  readonly withdrawn: number;
  readonly built: number;
  /** Builds that were cut off. */
  readonly killed: number;
}

/** Slaves for nothing are withdrawn after half a minute; within this window around that time builds come for them, in milliseconds. */
const window = { from: 24_000, to: 36_000 };
/** Long enough for the brake to let go by itself: withdrawn slaves are launches that ran no build. */
const longestMs = 3 * 60 * 60_000;

/** Lets so many slaves come up for items that are cancelled, and sends builds for them just when they are withdrawn. */
export async function race(seed: number, slaves: number, changed: Partial<SiteOptions> = {}): Promise<RacesEnd> {
  const templates = [{ name: "t", labels: ["t"] }];
  const site = new Site({
    seed,
    templates,
    masterMs: [20, 900],
    assignment: "shuffled",
    handOffMs: seed % 3 === 0 ? 40 : 0,
    ...changed,
  });
  const { time, jenkins } = site;
  const { core } = jenkins;
  try {
    await site.start();
    core.createJob({ name: "gone", label: "t", parameters: { N: "0" } });
    core.createJob({ name: "late", label: "t", durationMs: [100, 6_000], parameters: { N: "0" } });
    const ids = Array.from({ length: slaves }, (_, n) => core.build("gone", { parameters: { N: String(n) } }));
    await time.run(60_000, () => site.records.length >= slaves);
    for (const id of ids) core.cancel(id);
    let left = slaves;
    for (let number = 0; number < slaves; number += 1)
      time.in(time.between(window.from, window.to), () => {
        left -= 1;
        core.build("late", { parameters: { N: String(number) } });
      });
    const works = () => core.works().filter(({ job }) => job === "late");
    const isOver = await time.run(
      longestMs,
      () => left === 0 && works().every(({ endedAtMs }) => endedAtMs !== null) && site.isEmpty,
    );
    return {
      isOver,
      slaves: site.records.length,
      caught: site.records.filter(wasCaught).length,
      withdrawn: site.records.filter(({ life }) => life.outcome === "withdrawn").length,
      built: works().length,
      killed: core.killed().length,
    };
  } finally {
    site.end();
  }
}

/** Whether the slave had begun to leave and then ran a build after all. */
function wasCaught({ life: { trail } }: SlaveRecord): boolean {
  const left = trail.findIndex(({ state }) => state === "draining");
  return left >= 0 && trail.slice(left).some(({ state }) => state === "busy");
}
