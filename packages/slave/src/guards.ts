import type { SlaveLife } from "@kubestack/contracts";
import * as change from "./changes.ts";
import { deadlinesOf } from "./deadlines.ts";
import type { SlaveEvent, SlaveEventType } from "./events.ts";
import * as hold from "./holding.ts";
import { isToBeMadeAnew, mayBeAwaited } from "./intents.ts";
import { entryOf, isAllGone, isAwaiting, isLastBuild, isLostPodThere, isPodAlive } from "./life.ts";
import * as relaunch from "./relaunching.ts";
import * as restart from "./restarts.ts";
import { retentionOf } from "./retaining.ts";

type Of<T extends SlaveEventType> = Extract<SlaveEvent, { type: T }>;
interface Told {
  readonly context: SlaveLife;
  readonly event: SlaveEvent;
}

/** What the machine asks before a transition; `lifecycle-words.ts` has each in words. */
export const guards = {
  isNewBuild: ({ context, event }) => "url" in event && change.isNewBuild(context, event.url),
  isNewEnd: ({ context, event }) => event.type === "build.finished" && change.isNewEnd(context, event.url),
  isNewLastEnd: ({ context, event }) =>
    event.type === "build.finished" &&
    change.isNewEnd(context, event.url) &&
    isLastBuild(change.buildFinished(context, event)),
  isEndBeforeAwaited: ({ context, event }) =>
    event.type === "build.finished" &&
    change.isNewEnd(context, event.url) &&
    change.buildFinished(context, event).builds.awaited.length > 0,
  isNewlyAwaited: ({ context, event }) => isAwaited(event) && restart.isNewlyAwaited(context, event),
  mayGoOn: ({ context, event }) => isAwaited(event) && restart.isNewlyAwaited(context, event) && mayStillRun(context),
  isToBeUnmarked: ({ context }) => (isAwaiting(context) || context.lost !== null) && context.unmarkedAt === null,
  isOtherSession: ({ context, event }) => event.type === "session.seen" && context.session !== event.session,
  isWorthANode: ({ context }) => restart.isWorthANode(context),
  mayBeAwaitedWithNode: ({ context }) => mayBeAwaited(context) && restart.isWorthANode(context),
  isAwaitingWithNode: ({ context }) => isAwaiting(context) && restart.isWorthANode(context),
  isRegistered: ({ context }) => context.node.registeredAt !== null,
  isItsBuild: ({ context, event }) => event.type === "build.finished" && context.builds.current?.url === event.url,
  mayStillBuild: ({ context, event }) =>
    event.type === "build.started" && change.isNewBuild(context, event.url) && mayStillRun(context),
  sawNewBuild: ({ context, event }) =>
    event.type === "looked" && event.build !== null && change.isNewBuild(context, event.build) && mayStillRun(context),
  isSurelyNotAwaited: ({ context, event }) =>
    event.type === "none.awaited" && restart.isSurelyNotAwaited(context, event),
  isTimelyLook: ({ context, event }) => event.type === "looked" && change.isTimelyLook(context, event),
  isProgress: ({ context, event }) => event.type === "pod.progressed" && change.isProgress(context, event),
  isPodUnknown: ({ context }) => context.pod.uid === null,
  isUnregistered: ({ context }) => context.node.registeredAt === null,
  isWithoutSecret: ({ context }) => context.secret.createdAt === null,
  isAway: ({ context }) => context.agent.lostAt !== null && context.lost === null,
  mayBeFollowed: ({ context }) => relaunch.mayBeFollowed(context),
  isLostPodThere: ({ context }) => isLostPodThere(context),
  mayBeBack: ({ context }) => relaunch.mayBeBack(context),
  isPodLost: ({ context }) => context.lost !== null,
  isNodeOfLost: ({ context }) => context.lost !== null && context.builds.awaited.length === 0,
  isEndOfLost: ({ context, event }) =>
    event.type === "build.finished" && context.lost !== null && change.isNewEnd(context, event.url),
  isThere: ({ context }) => context.agent.lostAt === null,
  hasNotEnded: ({ context }) => context.pod.endedAt === null,
  isNotLeaving: ({ context }) => context.pod.goneBy === null && context.pod.goneAt === null,
  isNotGone: ({ context }) => context.pod.goneAt === null,
  isToBeMadeAnew: ({ context }) => isToBeMadeAnew(context),
  isNodeGivenUp: ({ context }) => context.node.removedAt === null && !isToBeMadeAnew(context),
  isUnmarked: ({ context }) => context.markedAt === null,
  isStaying: ({ context }) => !context.goesAfterBuild,
  isNodeThere: ({ context }) => context.node.removedAt === null,
  isSecretThere: ({ context }) => context.secret.goneAt === null,
  isUnannounced: ({ context, event }) => event.type === "announced" && event.upTo > context.announced,
  hasRunOut: ({ context, event }) => event.type === "deadline.passed" && hasRunOut(context, event),
  isOverdue: ({ context, event }) =>
    event.type === "deadline.passed" && event.clock === "force" && hasRunOut(context, event),
  isToBeRetained: ({ context }) => retentionOf(context) !== undefined,
  hasNotEndedInTime: ({ context, event }) =>
    event.type === "deadline.passed" && event.clock === "retain" && hasRunOut(context, event),
  hasBuiltTooLong: ({ context, event }) =>
    event.type === "deadline.passed" && event.clock === "build" && hasRunOut(context, event),
  hasWaitedEnough: ({ context, event }) =>
    event.type === "deadline.passed" && event.clock === "resume" && hasRunOut(context, event),
  isNewHold: ({ context, event }) => event.type === "hold.requested" && hold.isNewHold(context, event),
  mayBeHeld: ({ context, event }) =>
    event.type === "hold.requested" && hold.isNewHold(context, event) && hold.mayBeHeld(context),
  isHeld: ({ context }) => context.held !== null,
  isHoldOver: ({ context, event }) =>
    event.type === "deadline.passed" && event.clock === "hold" && hasRunOut(context, event),
  isAllGone: ({ context }) => isAllGone(context),
} satisfies Record<string, (told: Told) => boolean>;

function isAwaited(event: SlaveEvent): event is Of<"build.awaited"> | Of<"build.told"> {
  return event.type === "build.awaited" || event.type === "build.told";
}

/** Whether a build can still be running: its process lives, and the master still has its node. */
function mayStillRun(life: SlaveLife): boolean {
  return isPodAlive(life) && life.node.removedAt === null;
}

/** Whether the clock runs in this state and is over: one that was read before the slave moved on says nothing. */
function hasRunOut(life: SlaveLife, { clock, at }: Of<"deadline.passed">): boolean {
  return deadlinesOf(entryOf(life).state, life).some((deadline) => deadline.clock === clock && deadline.at <= at);
}
