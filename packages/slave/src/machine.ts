import type { Outcome, SlaveLife, SlaveState } from "@kubestack/contracts";
import { setup } from "xstate";
import * as change from "./changes.ts";
import type { SlaveEvent, SlaveEventType } from "./events.ts";
import { failureOf } from "./failures.ts";
import { guards } from "./guards.ts";
import * as hold from "./holding.ts";
import { type IntentType, outstanding } from "./intents.ts";
import { entryOf, isPodKept, passedTo, stepsOf } from "./life.ts";
import { reasonOf } from "./reasons.ts";
import * as relaunch from "./relaunching.ts";
import * as restart from "./restarts.ts";

type Of<T extends SlaveEventType> = Extract<SlaveEvent, { type: T }>;
type Reduce<T extends SlaveEventType> = (life: SlaveLife, event: Of<T>) => SlaveLife;

/** Intents are returned with each transition and never run here: the supervisor saves first and carries them out after. */
const carriedOutElsewhere = (_: unknown, _params: unknown): void => undefined;

const base = setup({
  types: { context: {} as SlaveLife, events: {} as SlaveEvent, input: {} as SlaveLife },
  actions: {
    announce: carriedOutElsewhere,
    createPod: carriedOutElsewhere,
    registerNode: carriedOutElsewhere,
    createSecret: carriedOutElsewhere,
    markOffline: carriedOutElsewhere,
    bringOnline: carriedOutElsewhere,
    askBuilds: carriedOutElsewhere,
    look: carriedOutElsewhere,
    removeNode: carriedOutElsewhere,
    retainPod: carriedOutElsewhere,
    deletePod: carriedOutElsewhere,
    confirmSecretGone: carriedOutElsewhere,
  } satisfies Record<IntentType, unknown>,
  guards,
});

/** Everything the record says is still to be done, as the transition's actions. */
const sayWhatIsDue = base.enqueueActions(({ context, enqueue }) => {
  for (const intent of outstanding(entryOf(context).state, context)) enqueue(intent);
});

function assign<T extends SlaveEventType>(_type: T, reduce: Reduce<T>) {
  return base.assign(({ context, event }) => reduce(context, event as Of<T>));
}

/** Remains in the state, with a changed life. */
function stay<T extends SlaveEventType>(type: T, reduce: Reduce<T>) {
  return { actions: [assign(type, reduce), sayWhatIsDue] };
}

/** Goes to `target` through every state in between. */
function go<T extends SlaveEventType, S extends SlaveState>(target: S, type: T, reduce: Reduce<T>) {
  const move: Reduce<T> = (life, event) =>
    passedTo(reduce(life, event), target, { at: event.at, reason: reasonOf(event) });
  return { target, actions: [assign(type, move), sayWhatIsDue] };
}

/** Goes to draining; a launch that ran no build is counted as `otherwise`. */
function leave<T extends SlaveEventType>(
  type: T,
  otherwise: Outcome | ((event: Of<T>) => Outcome),
  reduce: Reduce<T> = (life) => life,
) {
  const move: Reduce<T> = (life, event) =>
    change.leaving(reduce(life, event), {
      at: event.at,
      reason: reasonOf(event),
      otherwise: typeof otherwise === "function" ? otherwise(event) : otherwise,
      cause: "cause" in event ? (event.cause ?? null) : null,
      failure: failureOf(event, life),
    });
  return { target: "draining", actions: [assign(type, move), sayWhatIsDue] } as const;
}

const passAway = base.assign(({ context, event }) => {
  const { givenUp } = context.node;
  const { retained } = context.pod;
  const gone = givenUp === null ? "pod, Secret and node are gone" : `pod and Secret are gone, and ${givenUp}`;
  const minutes = retained === null ? 0 : Math.round((retained.until - retained.at) / 60_000);
  const kept = retained === null ? "" : `, but its pod, which is kept for ${minutes} min: ${retained.because}`;
  const reason = isPodKept(context) ? `all is gone${kept}` : gone;
  return passedTo(context, "deleted", { at: event.at, reason });
});

const answered = {
  node: (life: SlaveLife, { at, session }: Of<"node.registered">) => ({
    ...life,
    node: { ...life.node, registeredAt: at },
    // From here on it can be told that the master is started anew, though nobody should see what happens meanwhile.
    session: life.session ?? session ?? null,
  }),
  secret: (life: SlaveLife, { at }: { at: number }) => ({ ...life, secret: { ...life.secret, createdAt: at } }),
};

const everywhere = {
  announced: {
    guard: "isUnannounced",
    ...stay("announced", (life, event) => ({ ...life, announced: Math.min(event.upTo, stepsOf(life)) })),
  },
  resume: { actions: [sayWhatIsDue] },
} as const;

/** While it has not gone. */
const there = {
  ...everywhere,
  "none.awaited": {
    guard: "isSurelyNotAwaited",
    ...stay("none.awaited", (life) => ({ ...life, unsureSince: null })),
  },
} as const;

/** What can be heard of the pod and of the master's preparations in each state in which the slave lives. */
const living = {
  ...there,
  "pod.progressed": { guard: "isProgress", ...stay("pod.progressed", change.podProgressed) },
  "pod.ended": { guard: "hasNotEnded", ...leave("pod.ended", "failed", change.podEnded) },
  "pod.leaving": { guard: "isNotLeaving", ...stay("pod.leaving", change.podLeaving) },
  "pod.gone": leave("pod.gone", "failed", change.podGone),
  "master.forgotten": leave("master.forgotten", "withdrawn", change.masterForgotten),
  "agent.lost": { guard: "isThere", ...stay("agent.lost", change.agentLost) },
  "session.seen": { guard: "isOtherSession", ...stay("session.seen", restart.sessionSeen) },
} as const;

/** Answers that may come when the slave is further already. */
const preparing = {
  "pod.accepted": { guard: "isPodUnknown", ...stay("pod.accepted", change.podAccepted) },
  "node.registered": { guard: "isUnregistered", ...stay("node.registered", answered.node) },
  "secret.created": { guard: "isWithoutSecret", ...stay("secret.created", answered.secret) },
} as const;

/** States in which no build is known to run. */
const waiting = {
  ...living,
  "agent.online": go("online", "agent.online", change.agentOnline),
  "build.started": { guard: "isNewBuild", ...go("busy", "build.started", change.buildStarted) },
  "build.finished": [
    { guard: "isNewLastEnd", ...leave("build.finished", "served", change.ranUnseen) },
    { guard: "isNewEnd", ...go("online", "build.finished", change.ranUnseen) },
  ],
  "build.told": { guard: "isNewlyAwaited", ...go("busy", "build.told", restart.buildAwaited) },
  "drain.requested": leave("drain.requested", (event) => event.outcome),
  "deadline.passed": { guard: "hasRunOut", ...leave("deadline.passed", "failed") },
} as const;

const released = { guard: "isHeld", ...stay("hold.released", hold.holdOver) } as const;
const holdRunOut = { guard: "isHoldOver", ...stay("deadline.passed", hold.holdOver) } as const;

const back = { guard: "isAway", ...stay("agent.online", change.agentOnline) } as const;

/**
 * The life of one slave: a flat table without timers, invocations or side effects. It is stepped with XState's pure
 * `transition`; the actions that come back are the intents. Time enters only through the events.
 */
export const slaveMachine = base.createMachine({
  id: "slave",
  initial: "requested",
  context: ({ input }) => input,
  states: {
    requested: {
      on: {
        ...waiting,
        "pod.accepted": go("scheduled", "pod.accepted", change.podAccepted),
        "pod.refused": leave("pod.refused", "failed", change.podRefused),
      },
    },
    scheduled: {
      on: {
        ...waiting,
        ...preparing,
        "hold.requested": leave("hold.requested", "withdrawn", hold.holdBegun),
        "node.refused": leave("node.refused", "failed"),
        "service.refused": leave("service.refused", "failed"),
        "node.dropped": [
          { guard: "isWorthANode", ...stay("node.dropped", restart.nodeDropped) },
          { guard: "isRegistered", ...leave("node.dropped", "withdrawn") },
        ],
      },
    },
    online: {
      on: {
        ...waiting,
        ...preparing,
        "hold.requested": leave("hold.requested", "withdrawn", hold.holdBegun),
        "node.refused": leave("node.refused", "failed"),
        "service.refused": leave("service.refused", "failed"),
        "node.dropped": [
          { guard: "mayBeAwaitedWithNode", ...leave("node.dropped", "withdrawn", restart.nodeDropped) },
          leave("node.dropped", "withdrawn"),
        ],
        "agent.online": back,
        "deadline.passed": {
          guard: "hasRunOut",
          ...leave("deadline.passed", (event) => (event.clock === "lost" ? "failed" : "withdrawn")),
        },
      },
    },
    busy: {
      on: {
        ...living,
        ...preparing,
        "pod.ended": [
          {
            guard: "mayBeFollowed",
            ...stay("pod.ended", (life, event) => relaunch.podLost(life, event, failureOf(event, life))),
          },
          living["pod.ended"],
        ],
        "pod.gone": [
          { guard: "isLostPodThere", ...stay("pod.gone", relaunch.nextPod) },
          {
            guard: "mayBeFollowed",
            ...stay("pod.gone", (life, event) => relaunch.podWent(life, event, failureOf(event, life))),
          },
          living["pod.gone"],
        ],
        "pod.refused": { guard: "isPodLost", ...leave("pod.refused", "failed", change.podRefused) },
        "node.refused": { guard: "isPodLost", ...leave("node.refused", "failed") },
        "service.refused": { guard: "isPodLost", ...leave("service.refused", "failed") },
        "agent.online": [{ guard: "mayBeBack", ...stay("agent.online", relaunch.agentBack) }, back],
        "build.started": { guard: "isNewBuild", ...stay("build.started", change.buildStarted) },
        "build.finished": [
          { guard: "isEndBeforeAwaited", ...stay("build.finished", change.buildFinished) },
          { guard: "isEndOfLost", ...leave("build.finished", "served", change.buildFinished) },
          { guard: "isNewLastEnd", ...leave("build.finished", "served", change.buildFinished) },
          { guard: "isNewEnd", ...go("online", "build.finished", change.buildFinished) },
        ],
        "build.awaited": { guard: "isNewlyAwaited", ...stay("build.awaited", restart.buildAwaited) },
        "build.told": { guard: "isNewlyAwaited", ...stay("build.told", restart.buildAwaited) },
        "node.dropped": [
          { guard: "isAwaitingWithNode", ...stay("node.dropped", restart.nodeDropped) },
          { guard: "isNodeOfLost", ...leave("node.dropped", "failed") },
        ],
        "offline.unmarked": { guard: "isToBeUnmarked", ...stay("offline.unmarked", restart.unmarked) },
        "offline.marked": { guard: "isUnmarked", ...stay("offline.marked", restart.marked) },
        "drain.requested": {
          guard: "isStaying",
          ...stay("drain.requested", (life) => ({ ...life, goesAfterBuild: true })),
        },
        "hold.requested": { guard: "isNewHold", ...stay("hold.requested", hold.holdBegun) },
        "hold.released": released,
        "deadline.passed": [
          holdRunOut,
          { guard: "isOverdue", ...stay("deadline.passed", change.podOverdue) },
          { guard: "hasBuiltTooLong", ...stay("deadline.passed", (life) => ({ ...life, goesAfterBuild: true })) },
          { guard: "hasWaitedEnough", ...leave("deadline.passed", "served", restart.awaitedInVain) },
          { guard: "hasRunOut", ...leave("deadline.passed", "failed", change.givenUp) },
        ],
      },
    },
    draining: {
      on: {
        ...there,
        "pod.accepted": { guard: "isPodUnknown", ...stay("pod.accepted", change.podAccepted) },
        "pod.ended": { guard: "hasNotEnded", ...stay("pod.ended", change.podEndedLeaving) },
        "pod.leaving": { guard: "isNotLeaving", ...stay("pod.leaving", change.podLeaving) },
        "pod.gone": { guard: "isNotGone", ...stay("pod.gone", change.podGone) },
        "pod.retained": { guard: "isToBeRetained", ...stay("pod.retained", change.podRetained) },
        "retention.declined": { guard: "isToBeRetained", ...stay("retention.declined", change.retentionOver) },
        "session.seen": { guard: "isOtherSession", ...stay("session.seen", restart.sessionSeenLeaving) },
        "build.awaited": { guard: "mayGoOn", ...go("busy", "build.awaited", restart.calledBack) },
        "build.told": { guard: "mayGoOn", ...go("busy", "build.told", restart.calledBack) },
        // A build of which nobody told may wait for it: that goes on once there is a node again.
        "node.registered": { guard: "isToBeMadeAnew", ...stay("node.registered", answered.node) },
        "node.refused": { guard: "isToBeMadeAnew", ...stay("node.refused", change.nodeGone) },
        "node.dropped": { guard: "mayBeAwaitedWithNode", ...stay("node.dropped", restart.nodeDropped) },
        "node.missing": [
          { guard: "mayBeAwaitedWithNode", ...stay("node.missing", restart.nodeDropped) },
          { guard: "isNodeGivenUp", ...stay("node.missing", change.nodeGone) },
        ],
        "offline.marked": { guard: "isUnmarked", ...stay("offline.marked", restart.marked) },
        looked: [
          {
            guard: "sawNewBuild",
            ...go("busy", "looked", (life, { at, build }) => change.spared(life, { at, url: build ?? "" })),
          },
          { guard: "isTimelyLook", ...stay("looked", change.looked) },
        ],
        "build.started": { guard: "mayStillBuild", ...go("busy", "build.started", change.spared) },
        "build.finished": [
          { guard: "isItsBuild", ...stay("build.finished", change.buildFinished) },
          { guard: "isNewBuild", ...leave("build.finished", "served", change.ranUnseen) },
        ],
        "node.removed": { guard: "isNodeThere", ...stay("node.removed", change.nodeGone) },
        "master.forgotten": [
          { guard: "isNodeThere", ...stay("master.forgotten", change.masterForgotten) },
          { guard: "isHeld", ...stay("master.forgotten", hold.holdOver) },
        ],
        "hold.requested": { guard: "mayBeHeld", ...stay("hold.requested", hold.holdBegun) },
        "hold.released": released,
        "secret.gone": {
          guard: "isSecretThere",
          ...stay("secret.gone", (life, event) => ({ ...life, secret: { ...life.secret, goneAt: event.at } })),
        },
        "deadline.passed": [
          holdRunOut,
          { guard: "isOverdue", ...stay("deadline.passed", change.podOverdue) },
          { guard: "hasNotEndedInTime", ...stay("deadline.passed", change.retentionOver) },
          {
            guard: "hasRunOut",
            ...stay("deadline.passed", (life) => ({ ...life, podMayGoFirst: true })),
          },
        ],
      },
      always: { guard: "isAllGone", target: "deleted", actions: [passAway, sayWhatIsDue] },
    },
    deleted: { on: everywhere },
  },
});
