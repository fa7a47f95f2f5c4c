import type { SlaveLife, SlaveState } from "@kubestack/contracts";
import type { Clock } from "./events.ts";
import { entryOf } from "./life.ts";

/** A clock that runs for a slave now: when it runs out, and the sentence to say then. */
export interface Deadline {
  readonly clock: Clock;
  readonly at: number;
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
  /** To have an idle slave's node removed; after that its pod may go first. */
  drainMs: 10 * 60_000,
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
  { state: "scheduled", clock: "start", limit: "timeouts.start", starts: "the images are there" },
  { state: "scheduled", clock: "register", limit: "2m", starts: "the pod is accepted" },
  { state: "scheduled", clock: "connect", limit: "timeouts.connect", starts: "the agent's container runs" },
  { state: "online", clock: "idle", limit: "idleTimeout", starts: "it is idle" },
  { state: "online", clock: "age", limit: "maxAge", starts: "the agent first connects" },
  { state: "online", clock: "lost", limit: "timeouts.connect", starts: "the agent is lost" },
  { state: "busy", clock: "lost", limit: "timeouts.connect", starts: "the agent is lost" },
  { state: "draining", clock: "drain", limit: "10m", starts: "it is seen idle after its mark" },
];

/** The clocks that run for a slave in this state. */
export function deadlinesOf(state: SlaveState, life: SlaveLife): Deadline[] {
  switch (state) {
    case "requested":
      return [
        {
          clock: "request",
          at: entryOf(life).at + fixedLimits.requestMs,
          reason: "the pod could not be created within 2 minutes",
          needsMaster: false,
        },
      ];
    case "scheduled":
      return [waiting(life), ...registering(life)];
    case "online":
      return life.agent.lostAt === null ? idling(life) : [lost(life, life.agent.lostAt)];
    case "busy":
      return life.agent.lostAt === null ? [] : [lost(life, life.agent.lostAt)];
    case "draining":
      return life.lastLookAt === null || life.podMayGoFirst || life.idleLooks === 0
        ? []
        : [
            {
              clock: "drain",
              at: life.lastLookAt + fixedLimits.drainMs,
              reason: "seen idle 10 minutes ago, and its node could not be removed since",
              needsMaster: false,
            },
          ];
    case "deleted":
      return [];
  }
}

/** The first clock that has run out by `now`, if any; those that need the master are left out while it is unknown. */
export function passedDeadline(
  state: SlaveState,
  life: SlaveLife,
  at: { now: number; masterKnown: boolean },
): Deadline | undefined {
  return deadlinesOf(state, life)
    .filter((deadline) => deadline.at <= at.now && (at.masterKnown || !deadline.needsMaster))
    .sort((a, b) => a.at - b.at)[0];
}

function waiting(life: SlaveLife): Deadline {
  const { waitsOn, waitsSince, waitDetail } = life.pod;
  const because = waitDetail === "" ? "" : `: ${waitDetail}`;
  switch (waitsOn) {
    case "node":
      return {
        clock: "schedule",
        at: waitsSince + life.limits.scheduleMs,
        reason: `no node took the pod in time${because}`,
        needsMaster: false,
      };
    case "image":
      return {
        clock: "pull",
        at: waitsSince + life.limits.pullMs,
        reason: `an image was not there in time${because}`,
        needsMaster: false,
      };
    case "start":
      return {
        clock: "start",
        at: waitsSince + life.limits.startMs,
        reason: `the containers did not start in time${because}`,
        needsMaster: false,
      };
    case "agent":
      return {
        clock: "connect",
        at: Math.max(waitsSince, life.secret.createdAt ?? 0) + life.limits.connectMs,
        reason: "the agent's container runs, but the agent did not connect in time: see its log",
        needsMaster: true,
      };
  }
}

function registering(life: SlaveLife): Deadline[] {
  if (life.secret.createdAt !== null || life.pod.acceptedAt === null) return [];
  return [
    {
      clock: "register",
      at: life.pod.acceptedAt + fixedLimits.registerMs,
      reason: "the master's node and the agent's Secret could not be made within 2 minutes",
      needsMaster: true,
    },
  ];
}

function idling(life: SlaveLife): Deadline[] {
  const clocks: Deadline[] = [];
  if (life.agent.idleSince !== null)
    clocks.push({
      clock: "idle",
      at: life.agent.idleSince + life.limits.idleMs,
      reason: "no build came in its idle time",
      needsMaster: true,
    });
  if (life.agent.firstOnlineAt !== null)
    clocks.push({
      clock: "age",
      at: life.agent.firstOnlineAt + life.limits.maxAgeMs,
      reason: "it reached its greatest age",
      needsMaster: true,
    });
  return clocks;
}

function lost(life: SlaveLife, since: number): Deadline {
  return {
    clock: "lost",
    at: since + life.limits.connectMs,
    reason: "the agent was lost and did not come back in time",
    needsMaster: true,
  };
}
