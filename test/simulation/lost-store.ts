import type { MemoryStore } from "./memory-store.ts";
import { type DaysEnd, live, type Schedule } from "./schedule.ts";
import type { Site } from "./site.ts";

/** What becomes of NATS's store in the middle of a day. */
export interface LostStore extends Partial<Schedule> {
  readonly seed: number;
  /** Lost; or put back to what it was at the day's first burst. */
  readonly how: "wiped" | "put back";
  /** Whether nobody of KubeStack runs while it happens. */
  readonly whileStopped?: boolean;
  /** Whether the pods go with it: all that is left of the slaves are their nodes at the master. */
  readonly withPods?: boolean;
  /** Whether pods do not tell whose they are: a control, for then nothing can be known again. */
  readonly hidesMarks?: boolean;
}

/** What came of it. */
export interface LostStoresEnd extends DaysEnd {
  /** Builds that ran when it happened. */
  readonly runningThen: number;
  /** How long after it the first pod was made, in milliseconds. */
  readonly launchedAfterMs: number;
  /** Whether a build that came long after was served. */
  readonly servedAfter: boolean;
}

const times = { snapshot: [3_000, 12_000], loss: [15_000, 60_000], later: 300_000 } as const;

/** Lives through a day on which NATS's store is lost, or put back, in the middle of a burst with running builds. */
export async function liveThroughLoss({
  how,
  whileStopped,
  withPods = false,
  hidesMarks = false,
  ...changed
}: LostStore): Promise<LostStoresEnd> {
  let runningThen = 0;
  let launchedAfterMs = Number.POSITIVE_INFINITY;
  let servedAfter = false;
  const disturb = (site: Site): (() => boolean) => {
    const { time, nats, jenkins, cluster } = site;
    let before: MemoryStore | undefined;
    cluster.hidesMarks = hidesMarks;
    const lossAt = time.between(...times.loss);
    const begun = time.now;
    time.in(time.between(...times.snapshot), () => {
      before = nats.snapshot();
    });
    time.in(lossAt, () => {
      runningThen = jenkins.core
        .works()
        .filter(({ startedAtMs, endedAtMs }) => startedAtMs !== null && endedAtMs === null).length;
      if (whileStopped)
        for (const name of ["slave-supervisor", "demand-collector", "completion-collector"] as const) site.kill(name);
      if (how === "wiped") nats.wipe();
      else nats.rollBackTo(before ?? nats.snapshot());
      if (withPods) for (const { metadata } of cluster.pods.values()) cluster.remove(metadata.name, metadata.uid);
      if (whileStopped) time.in(5_000, () => void site.start());
    });
    cluster.onPod((change) => {
      const sinceMs = time.now - begun - lossAt;
      if (change === "ADDED" && sinceMs > 0) launchedAfterMs = Math.min(launchedAfterMs, sinceMs);
    });
    time.in(times.later, () => {
      jenkins.core.createJob({ name: "after", label: "python", durationMs: 2_000 });
      jenkins.core.build("after");
    });
    jenkins.core.subscribe(({ kind, work }) => {
      if (kind === "ended" && work?.job === "after") servedAfter = true;
    });
    return () => servedAfter;
  };
  const day = await live({
    builds: 40,
    wishes: ["python", "java"],
    templates: [
      { name: "python", labels: ["python"] },
      { name: "java", labels: ["java"] },
    ],
    takesMs: [1_000, 60_000],
    ...changed,
    disturb,
  });
  return { ...day, runningThen, launchedAfterMs, servedAfter };
}
