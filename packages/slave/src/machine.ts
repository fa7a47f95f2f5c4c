import type { Outcome, SlaveLife, SlaveState } from "@kubestack/contracts";
import { setup } from "xstate";
import * as change from "./changes.ts";
import type { SlaveEvent, SlaveEventType } from "./events.ts";
import { type IntentType, outstanding } from "./intents.ts";
import { entryOf, isAllGone, isLastBuild, isPodAlive, passedTo } from "./life.ts";
import { reasonOf } from "./reasons.ts";

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
    look: carriedOutElsewhere,
    removeNode: carriedOutElsewhere,
    deletePod: carriedOutElsewhere,
    confirmSecretGone: carriedOutElsewhere,
  } satisfies Record<IntentType, unknown>,
  guards: {
    isNewBuild: ({ context, event }) => "url" in event && change.isNewBuild(context, event.url),
    isNewLastBuild: ({ context, event }) =>
      event.type === "build.finished" &&
      change.isNewBuild(context, event.url) &&
      isLastBuild(change.buildStarted(context, event)),
    isItsBuild: ({ context, event }) =>
      event.type === "build.finished" && (context.builds.current?.url === event.url || isUnseen(context, event.url)),
    isItsLastBuild: ({ context, event }) =>
      event.type === "build.finished" &&
      (context.builds.current?.url === event.url || isUnseen(context, event.url)) &&
      isLastBuild(context),
    mayStillBuild: ({ context, event }) =>
      event.type === "build.started" && change.isNewBuild(context, event.url) && isPodAlive(context),
    sawNewBuild: ({ context, event }) =>
      event.type === "looked" && event.build !== null && isPodAlive(context) && change.isNewBuild(context, event.build),
    isTimelyLook: ({ context, event }) => event.type === "looked" && change.isTimelyLook(context, event),
    isProgress: ({ context, event }) => event.type === "pod.progressed" && change.isProgress(context, event),
    isAway: ({ context }) => context.agent.lostAt !== null,
    isThere: ({ context }) => context.agent.lostAt === null,
    hasNotEnded: ({ context }) => context.pod.endedAt === null,
    isNotGone: ({ context }) => context.pod.goneAt === null,
    isUnmarked: ({ context }) => context.markedAt === null,
    wasSeenIdle: ({ context }) => context.idleLooks > 0 && !context.podMayGoFirst,
    isAllGone: ({ context }) => isAllGone(context),
  },
});

/** While busy, a build with another url than the one known is that one's successor: the end in between was missed. */
function isUnseen(life: SlaveLife, url: string): boolean {
  return life.builds.current !== null && change.isNewBuild(life, url);
}

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
    });
  return { target: "draining", actions: [assign(type, move), sayWhatIsDue] } as const;
}

/** A build that was over before anyone saw it begin: the slave passes through online and busy all the same. */
const ranUnseen: Reduce<"build.finished"> = (life, event) =>
  change.buildFinished(
    passedTo(change.buildStarted(life, event), "busy", { at: event.at, reason: `ran ${event.url}` }),
    event,
  );

const drain = leave("drain.requested", (event) => event.outcome);
const podEnded = { guard: "hasNotEnded", ...leave("pod.ended", "failed", change.podEnded) } as const;
const podGone = leave("pod.gone", "failed", change.podGone);
const lost = { guard: "isThere", ...stay("agent.lost", change.agentLost) } as const;
const back = { guard: "isAway", ...stay("agent.online", change.agentOnline) } as const;
const progress = { guard: "isProgress", ...stay("pod.progressed", change.podProgressed) } as const;

const everywhere = {
  announced: stay("announced", (life, event) => ({ ...life, announced: Math.max(life.announced, event.upTo) })),
  resume: { actions: [sayWhatIsDue] },
};

const starting = {
  ...everywhere,
  "pod.progressed": progress,
  "pod.ended": podEnded,
  "pod.gone": podGone,
  "agent.online": go("online", "agent.online", change.agentOnline),
  "agent.lost": lost,
  "build.started": { guard: "isNewBuild", ...go("busy", "build.started", change.buildStarted) },
  "build.finished": [
    { guard: "isNewLastBuild", ...leave("build.finished", "served", ranUnseen) },
    { guard: "isNewBuild", ...go("online", "build.finished", ranUnseen) },
  ],
  "drain.requested": drain,
  "deadline.passed": leave("deadline.passed", "failed"),
} as const;

const registering = {
  "node.registered": stay("node.registered", (life, event) => ({
    ...life,
    node: { ...life.node, registeredAt: event.at },
  })),
  "node.refused": leave("node.refused", "failed"),
  "secret.created": stay("secret.created", (life, event) => ({
    ...life,
    secret: { ...life.secret, createdAt: event.at },
  })),
} as const;

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
        ...starting,
        "pod.accepted": go("scheduled", "pod.accepted", change.podAccepted),
        "pod.refused": leave("pod.refused", "failed", (life, event) =>
          // Refused and never seen: there is nothing to wait for.
          ({ ...life, pod: { ...life.pod, endedAt: event.at } }),
        ),
      },
    },
    scheduled: { on: { ...starting, ...registering } },
    online: {
      on: {
        ...starting,
        ...registering,
        "agent.online": back,
        "deadline.passed": leave("deadline.passed", (event) => (event.clock === "lost" ? "failed" : "withdrawn")),
      },
    },
    busy: {
      on: {
        ...everywhere,
        "pod.progressed": progress,
        "pod.ended": podEnded,
        "pod.gone": podGone,
        "agent.online": back,
        "agent.lost": lost,
        "build.started": {
          guard: "isNewBuild",
          ...stay("build.started", (life, event) => change.buildStarted(change.endedUnseen(life, event), event)),
        },
        "build.finished": [
          { guard: "isItsLastBuild", ...leave("build.finished", "served", change.buildFinished) },
          { guard: "isItsBuild", ...go("online", "build.finished", change.buildFinished) },
        ],
        "offline.marked": {
          guard: "isUnmarked",
          ...stay("offline.marked", (life, event) => ({ ...life, markedAt: event.at })),
        },
        "drain.requested": stay("drain.requested", (life) => ({ ...life, goesAfterBuild: true })),
        "deadline.passed": leave("deadline.passed", "failed"),
      },
    },
    draining: {
      on: {
        ...everywhere,
        "pod.accepted": stay("pod.accepted", change.podAccepted),
        "pod.ended": { guard: "hasNotEnded", ...stay("pod.ended", change.podEnded) },
        "pod.gone": { guard: "isNotGone", ...stay("pod.gone", change.podGone) },
        "offline.marked": {
          guard: "isUnmarked",
          ...stay("offline.marked", (life, event) => ({ ...life, markedAt: event.at })),
        },
        looked: [
          {
            guard: "sawNewBuild",
            ...go("busy", "looked", (life, event) =>
              change.buildStarted({ ...life, goesAfterBuild: true }, { at: event.at, url: event.build ?? "" }),
            ),
          },
          { guard: "isTimelyLook", ...stay("looked", change.looked) },
        ],
        "build.started": {
          guard: "mayStillBuild",
          ...go("busy", "build.started", (life, event) =>
            change.buildStarted({ ...life, goesAfterBuild: true }, event),
          ),
        },
        "build.finished": { guard: "isItsBuild", ...stay("build.finished", change.buildFinished) },
        "node.removed": stay("node.removed", (life, event) => ({
          ...life,
          node: { ...life.node, removedAt: event.at },
        })),
        "secret.gone": stay("secret.gone", (life, event) => ({
          ...life,
          secret: { ...life.secret, goneAt: event.at },
        })),
        "deadline.passed": {
          guard: "wasSeenIdle",
          ...stay("deadline.passed", (life) => ({ ...life, podMayGoFirst: true })),
        },
      },
      always: {
        guard: "isAllGone",
        target: "deleted",
        actions: [
          assign("secret.gone", (life, event) =>
            passedTo(life, "deleted", { at: event.at, reason: "pod, Secret and node are gone" }),
          ),
          sayWhatIsDue,
        ],
      },
    },
    deleted: { on: everywhere },
  },
});
