import type { SlaveLife, SlaveLimits, SlaveState } from "@kubestack/contracts";
import type { SlaveEvent } from "./events.ts";
import type { Intent, IntentType } from "./intents.ts";
import { newLife } from "./life.ts";
import { begin, type Step, step } from "./step.ts";

export const minuteMs = 60_000;

/** Limits of a slave that runs one build. */
export const limits: SlaveLimits = {
  scheduleMs: 10 * minuteMs,
  pullMs: 11 * minuteMs,
  startMs: 5 * minuteMs,
  connectMs: 2 * minuteMs,
  idleMs: 5 * minuteMs,
  maxAgeMs: 480 * minuteMs,
  builds: 1,
};

export const bornAt = 1_000_000;

export function born(changed: Partial<SlaveLimits> = {}): Step {
  return begin(newLife({ ...limits, ...changed }, { at: bornAt, reason: "for app/main, queue item 7" }));
}

type Untimed<E> = E extends SlaveEvent ? Omit<E, "at"> & { at?: number } : never;
export type Told = Untimed<SlaveEvent>;

/** Each event a second after the one before, unless it says when. */
export function tell(from: Step, ...events: Told[]): Step {
  return events.reduce((now, event) => {
    const latest = now.life.trail.at(-1)?.at ?? bornAt;
    const { pod, builds, markedAt, unmarkedAt, lastLookAt } = now.life;
    const last = Math.max(
      latest,
      pod.waitsSince,
      markedAt ?? 0,
      unmarkedAt ?? 0,
      lastLookAt ?? 0,
      builds.awaitedSince ?? 0,
    );
    return step(now.state, now.life, { at: last + 1000, ...event } as SlaveEvent);
  }, from);
}

export function kindsOf(intents: readonly Intent[]): IntentType[] {
  return intents.map(({ type }) => type).filter((type) => type !== "announce");
}

export function trailOf(life: SlaveLife): SlaveState[] {
  return life.trail.map(({ state }) => state);
}

export const accepted: Told = { type: "pod.accepted", uid: "uid-1" };
export const online: Told = { type: "agent.online" };
export const lost: Told = { type: "agent.lost", reason: "the agent's connection is gone" };
export const drain: Told = { type: "drain.requested", reason: "nothing waits for it", outcome: "withdrawn" };
export const forgotten: Told = { type: "master.forgotten", reason: "the master is off for good" };
export const held = (until: number, reason = ""): Told => ({ type: "hold.requested", by: "ann", until, reason });
export const released: Told = { type: "hold.released", reason: "released by ann" };
export const gone: Told = { type: "pod.gone", reason: "the pod is gone" };
export const ended: Told = { type: "pod.ended", reason: "the agent's container ended with code 1" };
export const seen = (session: string): Told => ({ type: "session.seen", session });
export const started = (url: string): Told => ({ type: "build.started", url });
export const finished = (url: string): Told => ({ type: "build.finished", url });

/** A marked slave whose build a restart of its master interrupted. */
export function interrupted(url = "job/a/1/"): Step {
  return tell(living.online, seen("one"), started(url), { type: "offline.marked" }, seen("two"));
}

/** A slave in each state, by the usual way. */
export const living: Readonly<Record<SlaveState, Step>> = (() => {
  const requested = born();
  const scheduled = tell(requested, accepted);
  const ready = tell(scheduled, { type: "node.registered" }, { type: "secret.created" }, online);
  const busy = tell(ready, started("job/a/1/"));
  const draining = tell(busy, { type: "offline.marked" }, finished("job/a/1/"));
  const deleted = tell(
    draining,
    { type: "looked", beganAt: draining.life.builds.finishedAt ?? 0, build: null },
    { type: "node.removed" },
    gone,
    { type: "secret.gone" },
  );
  return { requested, scheduled, online: ready, busy, draining, deleted };
})();
