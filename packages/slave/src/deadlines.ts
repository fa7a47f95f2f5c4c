import type { SlaveLife, SlaveState } from "@kubestack/contracts";
import type { Clock } from "./events.ts";
import { isPastMending } from "./failures.ts";
import { isHeld } from "./holding.ts";
import { entryOf, isAwaiting, isLastBuild, isLostPodThere } from "./life.ts";

/** A clock that runs for a slave now: when it runs out, and the sentence to say then. */
export interface Deadline {
  readonly clock: Clock;
  /** When it runs out, in milliseconds of NATS's time. */
  readonly at: number;
  /** How long it runs, in milliseconds. */
  readonly limitMs: number;
  readonly reason: string;
  /** Whether it depends on what the master says: it stands still while the master is unknown. */
  readonly needsMaster: boolean;
}

/** Clocks that no template sets, in milliseconds. */
export const fixedLimits = {
  /** To have the pod accepted, from the record's birth. */
  requestMs: 2 * 60_000,
  /** To have node and Secret made, from the pod's acceptance. */
  registerMs: 2 * 60_000,
  /**
   * For what waiting does not mend to be mended all the same, as by somebody who adds a Secret. A kubelet tries an image
   * again after 10 s, and once more after 20 s: this is no less than two answers alike.
   */
  mendMs: 30_000,
  /** To have an idle slave's node removed; after that its pod may go first. */
  drainMs: 10 * 60_000,
  /**
   * For a build to go on after its master was started anew. Jenkins gives a pipeline's node five minutes to come back,
   * from when it has loaded the pipeline; twice that for those who set it higher.
   */
  resumeMs: 10 * 60_000,
  /** For a pod to be gone after its grace; a kubelet that lives takes seconds. */
  forceMs: 60_000,
  /** For the containers of a pod that is to be kept to end, their grace included; after that it is deleted. */
  retainMs: 10 * 60_000,
} as const;

/** What a state's clocks are, in words: the page of the slave's life is made from this table. */
export const clockTable: readonly { state: SlaveState; clock: Clock; limit: string; starts: string }[] = [
  { state: "requested", clock: "request", limit: "2m", starts: "the slave is recorded" },
  { state: "scheduled", clock: "schedule", limit: "timeouts.schedule", starts: "the pod is accepted" },
  {
    state: "scheduled",
    clock: "pull",
    limit: "timeouts.pull",
    starts: "an image begins to be pulled, anew for each image",
  },
  {
    state: "scheduled",
    clock: "mend",
    limit: "30s",
    starts: "its image or what its containers name is not there or not given, which waiting does not mend",
  },
  { state: "scheduled", clock: "start", limit: "timeouts.start", starts: "the images are there" },
  { state: "scheduled", clock: "register", limit: "2m", starts: "the pod is accepted" },
  { state: "scheduled", clock: "connect", limit: "timeouts.connect", starts: "the agent's container runs" },
  { state: "online", clock: "idle", limit: "idleTimeout", starts: "it is idle" },
  { state: "online", clock: "age", limit: "maxAge", starts: "the agent first connects" },
  { state: "online", clock: "lost", limit: "timeouts.connect", starts: "the agent is lost" },
  { state: "busy", clock: "lost", limit: "timeouts.connect", starts: "the agent is lost" },
  { state: "busy", clock: "build", limit: "timeouts.build", starts: "the build began, where it may run further ones" },
  { state: "busy", clock: "hold", limit: "hold --for", starts: "somebody holds it" },
  { state: "busy", clock: "force", limit: "1m", starts: "the grace of its pod, which was lost, is over" },
  { state: "busy", clock: "request", limit: "2m", starts: "its pod was lost and is gone, and another one follows" },
  { state: "busy", clock: "schedule", limit: "timeouts.schedule", starts: "that one is accepted" },
  { state: "busy", clock: "pull", limit: "timeouts.pull", starts: "an image of it begins to be pulled" },
  { state: "busy", clock: "mend", limit: "30s", starts: "it lacks what waiting does not bring" },
  { state: "busy", clock: "start", limit: "timeouts.start", starts: "its images are there" },
  { state: "busy", clock: "register", limit: "2m", starts: "it is accepted" },
  { state: "busy", clock: "connect", limit: "timeouts.connect", starts: "its agent's container runs" },
  { state: "busy", clock: "resume", limit: "10m", starts: "a restart of the master interrupts its build" },
  { state: "draining", clock: "hold", limit: "hold --for", starts: "somebody holds it" },
  { state: "draining", clock: "drain", limit: "10m", starts: "it is seen idle after its mark" },
  {
    state: "draining",
    clock: "retain",
    limit: "10m",
    starts: "its pod is to be kept, and its containers are told to end",
  },
  { state: "draining", clock: "force", limit: "1m", starts: "the grace of its pod, which is being deleted, is over" },
];

const withMaster: ReadonlySet<Clock> = new Set(["register", "connect", "idle", "age", "lost", "resume"]);

/** Whether a clock depends on what the master says. */
export function needsMaster(clock: Clock): boolean {
  return withMaster.has(clock);
}

/** Whether a clock that stood still while the master was unknown starts anew after; a slave's age only waits. */
export function startsAnew(clock: Clock): boolean {
  return needsMaster(clock) && clock !== "age";
}

/** The clocks that run for a slave in this state. */
export function deadlinesOf(state: SlaveState, life: SlaveLife): Deadline[] {
  switch (state) {
    case "requested":
      return [asked(entryOf(life).at)];
    case "scheduled":
      return [waiting(life), ...pastMending(life), ...registering(life)];
    case "online":
      return life.agent.lostAt === null ? idling(life) : [lost(life, life.agent.lostAt)];
    case "busy":
      if (life.lost !== null)
        return [...relaunching(life), ...(isAwaiting(life) ? resuming(life) : []), ...holding(life)];
      if (isAwaiting(life)) return [...resuming(life), ...holding(life)];
      return [
        ...(life.agent.lostAt === null ? [] : [lost(life, life.agent.lostAt)]),
        ...building(life),
        ...holding(life),
      ];
    case "draining":
      return [...removing(life), ...retaining(life), ...overdue(life), ...holding(life)];
    case "deleted":
      return [];
  }
}

/**
 * The first clock that has run out by `now`, if any. Those that need the master are left out while it is unknown, and
 * start anew when it answers again: give `masterKnownSince`, the instant since which it has answered without a break.
 * `mayIdle`: it may be idle for however long.
 */
export function passedDeadline(
  state: SlaveState,
  life: SlaveLife,
  at: { now: number; masterKnown: boolean; masterKnownSince?: number | undefined; mayIdle?: boolean },
): Deadline | undefined {
  return deadlinesOf(state, life)
    .filter((deadline) => at.masterKnown || !deadline.needsMaster)
    .filter(({ clock }) => clock !== "idle" || at.mayIdle !== true)
    .map((deadline) => {
      if (!startsAnew(deadline.clock)) return deadline;
      return { ...deadline, at: Math.max(deadline.at, (at.masterKnownSince ?? 0) + deadline.limitMs) };
    })
    .filter((deadline) => deadline.at <= at.now)
    .sort((a, b) => a.at - b.at)[0];
}

interface Running {
  readonly clock: Clock;
  readonly from: number;
  readonly limitMs: number;
  readonly reason: string;
}

function running({ clock, from, limitMs, reason }: Running): Deadline {
  return { clock, at: from + limitMs, limitMs, reason, needsMaster: needsMaster(clock) };
}

/** Another pod follows the one that was lost: its clocks are those of a launch, once that one is gone. */
function relaunching(life: SlaveLife): Deadline[] {
  if (isLostPodThere(life)) return overdue(life);
  if (life.pod.uid === null) return [asked(life.pod.waitsSince)];
  return [waiting(life), ...pastMending(life), ...registering(life)];
}

function asked(from: number): Deadline {
  return running({
    clock: "request",
    from,
    limitMs: fixedLimits.requestMs,
    reason: "the pod could not be created within 2 minutes",
  });
}

function waiting({ pod, secret, limits }: SlaveLife): Deadline {
  const { waitsOn, waitsSince: from, waitDetail } = pod;
  const because = waitDetail === "" ? "" : `: ${waitDetail}`;
  switch (waitsOn) {
    case "node":
      return running({
        clock: "schedule",
        from,
        limitMs: limits.scheduleMs,
        reason: `no node took the pod in time${because}`,
      });
    case "image":
      return running({
        clock: "pull",
        from,
        limitMs: limits.pullMs,
        reason: `an image was not there in time${because}`,
      });
    case "start":
      return running({
        clock: "start",
        from,
        limitMs: limits.startMs,
        reason: `the containers did not start in time${because}`,
      });
    case "agent":
      return running({
        clock: "connect",
        from: Math.max(from, secret.createdAt ?? 0),
        limitMs: limits.connectMs,
        reason: "the agent's container runs, but the agent did not connect in time",
      });
  }
}

function pastMending({ pod: { trouble, waitDetail } }: SlaveLife): Deadline[] {
  if (trouble === null || !isPastMending(trouble.class)) return [];
  return [
    running({
      clock: "mend",
      from: trouble.since,
      limitMs: fixedLimits.mendMs,
      reason: `the pod cannot start, and waiting does not mend that: ${waitDetail}`,
    }),
  ];
}

function registering({ pod, secret }: SlaveLife): Deadline[] {
  if (secret.createdAt !== null || pod.acceptedAt === null) return [];
  return [
    running({
      clock: "register",
      from: pod.acceptedAt,
      limitMs: fixedLimits.registerMs,
      reason: "the master's node and the agent's Secret could not be made within 2 minutes",
    }),
  ];
}

function idling({ agent, limits }: SlaveLife): Deadline[] {
  const clocks: Deadline[] = [];
  if (agent.idleSince !== null)
    clocks.push(
      running({
        clock: "idle",
        from: agent.idleSince,
        limitMs: limits.idleMs,
        reason: "no build came in its idle time",
      }),
    );
  if (agent.firstOnlineAt !== null)
    clocks.push(
      running({
        clock: "age",
        from: agent.firstOnlineAt,
        limitMs: limits.maxAgeMs,
        reason: "it reached its greatest age",
      }),
    );
  return clocks;
}

function lost({ limits }: SlaveLife, from: number): Deadline {
  return running({
    clock: "lost",
    from,
    limitMs: limits.connectMs,
    reason: "the agent was lost and did not come back in time",
  });
}

/** It is not the build that ends: only the slave runs no other one. */
function building(life: SlaveLife): Deadline[] {
  const { buildMs } = life.limits;
  const { current } = life.builds;
  if (buildMs === undefined || current === null || isLastBuild(life)) return [];
  const reason = "its build takes longer than timeouts.build: it gets no further one";
  return [running({ clock: "build", from: current.startedAt, limitMs: buildMs, reason })];
}

/** An agent that is away has as long as the build itself: both wait for the same. */
function resuming(life: SlaveLife): Deadline[] {
  return [
    running({
      clock: "resume",
      from: life.builds.awaitedSince ?? entryOf(life).at,
      limitMs: fixedLimits.resumeMs,
      reason: "its build did not go on here within 10 minutes of the master's restart",
    }),
  ];
}

function removing(life: SlaveLife): Deadline[] {
  if (isHeld(life) || life.lastLookAt === null || life.idleLooks === 0 || life.podMayGoFirst) return [];
  return [
    running({
      clock: "drain",
      from: life.lastLookAt,
      limitMs: fixedLimits.drainMs,
      reason: "seen idle 10 minutes ago, and its node could not be removed since",
    }),
  ];
}

function holding({ held }: SlaveLife): Deadline[] {
  if (held === null) return [];
  const { at: from, until, by } = held;
  return [running({ clock: "hold", from, limitMs: Math.max(1, until - from), reason: `the hold by ${by} is over` })];
}

function retaining({ pod }: SlaveLife): Deadline[] {
  if (pod.retained === null || pod.endedAt !== null || pod.goneAt !== null) return [];
  return [
    running({
      clock: "retain",
      from: pod.retained.at,
      limitMs: fixedLimits.retainMs,
      reason: "the containers of its pod, which was to be kept, did not end within 10 minutes",
    }),
  ];
}

function overdue({ pod }: SlaveLife): Deadline[] {
  if (pod.goneBy === null || pod.goneAt !== null || pod.isOverdue) return [];
  return [
    running({
      clock: "force",
      from: pod.goneBy,
      limitMs: fixedLimits.forceMs,
      reason: "its pod is still there a minute after its grace",
    }),
  ];
}
