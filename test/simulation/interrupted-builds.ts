import type { Work } from "@kubestack/jenkins-simulator";
import { slaveLabel } from "@kubestack/templates";
import { Site, type SiteOptions } from "./site.ts";

/** The two sorts of builds, which Jenkins treats otherwise: a freestyle build, and a pipeline's `node` block that is to be tried twice. */
export const sorts = ["freestyle", "pipeline"] as const;
export type Sort = (typeof sorts)[number];

/** Something that befalls two slaves while each runs a build. */
export interface Blow extends Partial<SiteOptions> {
  /** Done to the site once; `slaves` are those that run the builds. */
  readonly befall: (site: Site, slaves: readonly string[]) => void;
  /** When the builds that run then end by themselves, counted from the blow, in milliseconds. Default: twenty minutes. */
  readonly endMs?: number;
}

/** What became of one of the two builds; times are counted from the blow, in milliseconds. */
export interface Fate {
  /** By what its first try ended, and with what result. */
  readonly ended: string;
  readonly endedAfterMs: number;
  /** Nothing was left of its slave. */
  readonly slaveGoneAfterMs: number;
  /** How the build itself ended, by its last try. */
  readonly result: string | null;
  /** A second try began, on another slave; null: there was none. */
  readonly triedAgainAfterMs: number | null;
  /** What its slave's record says that it was lost by; null: it went as it should. */
  readonly lostBy: string | null;
  /** What the master was told when its node was marked offline, line by line; null: it was not marked. */
  readonly toldMaster: string | null;
  /** How many pods its first slave had. */
  readonly pods: number;
  /** After a restart of the master it went on, on its own slave; null: it was not interrupted so. */
  readonly wentOnAfterMs: number | null;
}

export interface BlowsEnd {
  /** Whether every build ended and nothing was left. */
  readonly isOver: boolean;
  readonly fates: Readonly<Record<Sort, Fate>>;
  readonly doubled: number;
  /** How many pods of one slave were there at once, at most. */
  readonly mostPods: number;
  /** What was counted, and how many pods of all slaves followed others by their records. */
  readonly counted: {
    readonly launches: number;
    readonly outcomes: number;
    readonly relaunches: number;
    readonly followed: number;
  };
}

const longestMs = 2 * 60 * 60_000;
const blowAtMs = 60_000;

/** Has a slave each run a freestyle build and a pipeline, strikes, and tells what became of them. */
export async function strike({ befall, endMs = 20 * 60_000, ...options }: Blow): Promise<BlowsEnd> {
  const site = new Site({ seed: 1, templates: [{ name: "a", labels: ["a"] }], anchors: "auto", ...options });
  const { time, cluster } = site;
  const { core } = site.jenkins;
  core.createJob({ name: "freestyle", label: "a", durationMs: null });
  core.createJob({ name: "pipeline", kind: "pipeline", blocks: [{ label: "a", durationMs: null, retries: 1 }] });
  const goneAt = new Map<string, number>();
  const podsOf = new Map<string, Set<string>>();
  const podsThere = new Map<string, number>();
  let mostPods = 0;
  cluster.onPod((change, { metadata }) => {
    const slave = metadata.labels?.[slaveLabel] ?? metadata.name;
    podsOf.set(slave, (podsOf.get(slave) ?? new Set()).add(metadata.uid));
    if (change === "DELETED") goneAt.set(slave, time.now);
    if (change !== "MODIFIED") podsThere.set(slave, (podsThere.get(slave) ?? 0) + (change === "ADDED" ? 1 : -1));
    mostPods = Math.max(mostPods, ...podsThere.values());
  });
  const startedLast = new Map<Work, number>();
  const told = new Map<string, string>();
  core.subscribe(({ kind, work, atMs, node }) => {
    if (kind === "marked-offline" && node !== undefined)
      told.set(node, [told.get(node) ?? [], core.state.nodes.get(node)?.mark?.message ?? ""].flat().join("\n"));
    if (kind === "started" && work !== undefined) startedLast.set(work, atMs);
  });
  const triesOf = (sort: Sort): Work[] => core.works().filter(({ job }) => job === sort);
  const hasEnded = (sort: Sort): boolean => {
    const tries = triesOf(sort);
    return tries.length > 0 && tries.every(({ endedAtMs }) => endedAtMs !== null);
  };
  try {
    await site.start();
    for (const sort of sorts) core.build(sort);
    const isBusy = await time.run(blowAtMs);
    const slaves = site.records.filter(({ state }) => state === "busy").map(({ name }) => name);
    if (isBusy || slaves.length !== sorts.length) throw new Error("the two slaves are not at work");
    const { wallClock: struckAt, now } = time;
    befall(site, slaves);
    time.apart(() =>
      time.in(endMs, () => {
        for (const sort of sorts) core.finishBuild(sort);
      }),
    );
    const isOver = await time.run(
      longestMs,
      () => time.now > now + endMs && sorts.every(hasEnded) && core.items().length === 0 && site.isEmpty,
    );
    const fateOf = (sort: Sort): Fate => {
      const [first, second] = triesOf(sort);
      const since = (at: number | null | undefined): number => Math.round((at ?? Number.NaN) - struckAt);
      return {
        ended: `${first?.endedBy}: ${first?.result}`,
        endedAfterMs: since(first?.endedAtMs),
        slaveGoneAfterMs: Math.round((goneAt.get(first?.node ?? "") ?? Number.NaN) - now),
        result: core.job(sort).runs[0]?.result ?? null,
        triedAgainAfterMs: second === undefined ? null : since(second.startedAtMs),
        lostBy: site.records.find(({ name }) => name === first?.node)?.life.failure?.class ?? null,
        toldMaster: told.get(first?.node ?? "") ?? null,
        pods: podsOf.get(first?.node ?? "")?.size ?? 0,
        wentOnAfterMs: first === undefined || first.queueIds.length < 2 ? null : since(startedLast.get(first)),
      };
    };
    return {
      isOver,
      fates: { freestyle: fateOf("freestyle"), pipeline: fateOf("pipeline") },
      mostPods,
      counted: {
        launches: site.tally.sum("launches_total"),
        outcomes: site.tally.sum("launch_outcomes_total"),
        relaunches: site.tally.sum("relaunches_total"),
        followed: site.records.reduce((sum, { life }) => sum + life.attempt - 1, 0),
      },
      doubled: [...cluster.created.values()].filter((uids) => uids.length > 1).length,
    };
  } finally {
    site.end();
  }
}
