import type { PodRun } from "./container-run.ts";

/** Ends the containers of one pod. */
export interface PodKiller {
  /** Asks everything to end, and makes it end after `graceMs`. Called again with less, it ends sooner, never later. */
  kill(graceMs: number): void;
  /** Resolves when no process is left, once `kill` was called. */
  done(): Promise<void>;
  /** Ends the pod when its `activeDeadlineSeconds` are over; the returned function takes that back. */
  watchDeadline(): () => void;
  /** The pod may say another deadline now. */
  deadlineMayHaveChanged(): void;
  /** Nobody needs the rest of this pod's life any more. */
  abandon(): void;
  readonly abandoned: AbortSignal;
}

/** A killer for `run`; `stopping` is what keeps new containers from being started. */
export function podKiller(run: PodRun, stopping: AbortController): PodKiller {
  const { services, record, live } = run;
  const abandoning = new AbortController();
  let deadlineMs = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const kill = (graceMs: number) => {
    const isFirst = !stopping.signal.aborted;
    stopping.abort();
    if (isFirst) for (const name of live.keys()) sayKilling(name);
    if (isFirst && graceMs > 0) for (const group of live.values()) group.signal("SIGTERM");
    const wantedMs = services.nowMs() + graceMs;
    if (wantedMs >= deadlineMs) return;
    deadlineMs = wantedMs;
    clearTimeout(timer);
    if (graceMs <= 0) killNow();
    else timer = setTimeout(killNow, graceMs);
  };
  const killNow = () => {
    for (const group of live.values()) group.signal("SIGKILL");
  };
  const sayKilling = (container: string) =>
    services.events.record(record.pod().metadata, {
      type: "Normal",
      reason: "Killing",
      message: `Stopping container ${container}`,
      fieldPath: `spec.containers{${container}}`,
    });
  const deadline: { fromMs: number | undefined; seconds?: number | undefined; timer?: NodeJS.Timeout } = {
    fromMs: undefined,
  };
  const armDeadline = () => {
    const { activeDeadlineSeconds, terminationGracePeriodSeconds } = record.pod().spec;
    if (deadline.fromMs === undefined || activeDeadlineSeconds === deadline.seconds) return;
    clearTimeout(deadline.timer);
    deadline.seconds = activeDeadlineSeconds;
    if (activeDeadlineSeconds === undefined) return;
    const leftMs = deadline.fromMs + activeDeadlineSeconds * 1_000 - services.nowMs();
    deadline.timer = setTimeout(
      () => {
        record.decide("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        kill((terminationGracePeriodSeconds ?? 30) * 1_000);
      },
      Math.max(0, leftMs),
    );
  };
  return {
    kill,
    done: async () => {
      while (live.size > 0) await Promise.all([...live.values()].map((group) => group.ended));
      clearTimeout(timer);
    },
    watchDeadline: () => {
      deadline.fromMs = services.nowMs();
      armDeadline();
      return () => {
        deadline.fromMs = undefined;
        clearTimeout(deadline.timer);
      };
    },
    deadlineMayHaveChanged: armDeadline,
    abandon: () => abandoning.abort(),
    abandoned: abandoning.signal,
  };
}
