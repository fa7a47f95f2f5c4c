import { hasEnded } from "./schedule.ts";
import { Site, type SiteOptions } from "./site.ts";

/** A day on which a build begins on a slave while nobody looks, and the master is started anew before anybody does. */
export interface HiddenDay extends Partial<SiteOptions> {
  readonly seed: number;
  /** What is known of its slave when everybody goes: that it is on its way, or that it runs a first build. */
  readonly after: "its launch" | "a build";
}

export interface HiddenDaysEnd {
  readonly isOver: boolean;
  /** How the hidden pipeline ended. */
  readonly result: string | null;
  /** Whether it ran on the slave in question, and was interrupted there. */
  readonly wasHidden: boolean;
  /** What was cut off, by what. */
  readonly killedBy: readonly (string | undefined)[];
}

const longestMs = 60 * 60_000;
const services = ["slave-supervisor", "demand-collector", "completion-collector"] as const;

/**
 * All of KubeStack dies in the moment in which its slave would be marked, or in which its agent comes. A first build ends there, a
 * pipeline's block begins, both unseen, and the master is started anew. Then the services come back, in any order, before
 * or after the master, whose pipelines take their time to be loaded.
 */
export async function liveHidden({ after, ...day }: HiddenDay): Promise<HiddenDaysEnd> {
  const site = new Site({ templates: [{ name: "a", labels: ["a"] }], anchors: "auto", ...day });
  const { time, jenkins } = site;
  const { core } = jenkins;
  core.createJob({ name: "first", label: "a", durationMs: 3_000 });
  core.createJob({ name: "hidden", kind: "pipeline", blocks: [{ label: "a", durationMs: 30_000 }] });
  let hasBegun = false;
  const dieAndComeBack = (): void => {
    hasBegun = true;
    for (const name of services) site.kill(name);
    time.in(100, () => void core.build("hidden"));
    time.in(10_000, () =>
      core.restart({
        downMs: time.between(1_000, 20_000),
        pipelinesAfterMs: time.between(0, 30_000),
      }),
    );
    for (const name of services) time.in(time.between(10_000, 50_000), () => void site.start(name));
  };
  const beginOnce = (): void => {
    if (!hasBegun) time.apart(dieAndComeBack);
  };
  if (after === "its launch")
    core.subscribe(({ kind }) => {
      if (kind === "agent-online") beginOnce();
    });
  else
    time.onRequest = (_process, what, when) => {
      if (when === "before" && what.endsWith("/changeOfflineCause")) beginOnce();
    };
  try {
    await site.start();
    time.in(1_000, () => void core.build("first"));
    const isOver = await time.run(longestMs, () => hasBegun && time.now > 60_000 && hasEnded(site) && site.isEmpty);
    const block = core.works().find(({ job }) => job === "hidden");
    return {
      isOver,
      result: core.job("hidden").runs[0]?.result ?? null,
      wasHidden: (block?.queueIds.length ?? 0) > 1,
      killedBy: core.killed().map(({ by }) => by),
    };
  } finally {
    site.end();
  }
}
