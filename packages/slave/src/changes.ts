import type { AgentCause, FailureClass, Outcome, SlaveLife } from "@kubestack/contracts";
import type { SlaveEvent } from "./events.ts";
import { isLateLoss } from "./failures.ts";
import { lookSpacingMs } from "./intents.ts";
import { entered, isAwaiting, isPodAlive, isSameBuild, outcomeOf, passedTo, textLimit, withLoss } from "./life.ts";

type Of<T extends SlaveEvent["type"]> = Extract<SlaveEvent, { type: T }>;

/** Each function here is one event's effect on the life, without regard to which state follows. */

/** The pod exists. What was already reported of its progress stays: a report may overtake the answer to the create. */
export function podAccepted(life: SlaveLife, event: Of<"pod.accepted">): SlaveLife {
  const waitsSince = life.pod.waitsOn === "node" ? event.at : life.pod.waitsSince;
  // A create that was thought lost may have landed after all: there is a living pod again, and no look has seen it yet.
  const pod = { ...life.pod, uid: event.uid, acceptedAt: event.at, waitsSince, endedAt: null, goneAt: null };
  return { ...life, pod, idleLooks: 0, lastLookAt: null };
}

export function podProgressed(life: SlaveLife, event: Of<"pod.progressed">): SlaveLife {
  const same = event.waitsOn === life.pod.waitsOn && !event.anew;
  const pod = {
    ...life.pod,
    node: event.node ?? life.pod.node,
    waitsOn: event.waitsOn,
    waitsSince: same ? life.pod.waitsSince : event.at,
    waitDetail: event.detail.slice(0, textLimit),
    trouble: troubleAfter(life.pod, event, same),
    runningAt: event.waitsOn === "agent" ? (life.pod.runningAt ?? event.at) : life.pod.runningAt,
  };
  return { ...life, pod };
}

/** One trouble told again goes on; one that is not told again stands as long as what is waited for does. */
function troubleAfter({ trouble }: SlaveLife["pod"], event: Of<"pod.progressed">, same: boolean) {
  if (event.trouble === undefined) return same ? trouble : null;
  if (event.trouble === null) return null;
  return same && trouble?.class === event.trouble ? trouble : { class: event.trouble, since: event.at };
}

/** Whether a report of the pod says anything that the life does not know. */
export function isProgress(life: SlaveLife, event: Of<"pod.progressed">): boolean {
  const { pod } = life;
  return (
    event.anew ||
    event.waitsOn !== pod.waitsOn ||
    event.detail.slice(0, textLimit) !== pod.waitDetail ||
    (event.node !== null && event.node !== pod.node)
  );
}

export function podEnded(life: SlaveLife, event: Of<"pod.ended">): SlaveLife {
  return { ...life, pod: { ...life.pod, endedAt: life.pod.endedAt ?? event.at } };
}

/** The end of a pod whose slave goes already may tell why its build ended a moment ago. */
export function podEndedLeaving(life: SlaveLife, event: Of<"pod.ended">): SlaveLife {
  const after = podEnded(life, event);
  if (!isLateLoss(life, event)) return after;
  return { ...after, failure: { class: event.failure ?? "", reason: event.reason.slice(0, textLimit) } };
}

export function podLeaving(life: SlaveLife, event: Of<"pod.leaving">): SlaveLife {
  return { ...life, pod: { ...life.pod, goneBy: event.goneBy } };
}

/** It is still there, long after its grace. */
export function podOverdue(life: SlaveLife): SlaveLife {
  return { ...life, pod: { ...life.pod, isOverdue: true } };
}

/** It outlives its slave, to be looked into. */
export function podRetained(life: SlaveLife, { at, until, because }: Of<"pod.retained">): SlaveLife {
  return { ...life, pod: { ...life.pod, retained: { at, until, because: because.slice(0, textLimit) } } };
}

/** It is deleted like any other. */
export function retentionOver(life: SlaveLife): SlaveLife {
  return { ...life, pod: { ...life.pod, retained: null, isRetentionOver: true } };
}

/** Refused and never seen: there is nothing to wait for. */
export function podRefused(life: SlaveLife, event: Of<"pod.refused">): SlaveLife {
  return { ...life, pod: { ...life.pod, endedAt: event.at } };
}

export function podGone(life: SlaveLife, event: Of<"pod.gone">): SlaveLife {
  const ended = life.pod.endedAt ?? event.at;
  return { ...life, pod: { ...life.pod, endedAt: ended, goneAt: life.pod.goneAt ?? event.at } };
}

/** The agent is there, and idle unless a build is known. */
export function agentOnline(life: SlaveLife, event: { at: number }): SlaveLife {
  const agent = {
    firstOnlineAt: life.agent.firstOnlineAt ?? event.at,
    idleSince: life.builds.current === null && !isAwaiting(life) ? (life.agent.idleSince ?? event.at) : null,
    lostAt: null,
  };
  return { ...life, agent };
}

export function agentLost(life: SlaveLife, event: { at: number }): SlaveLife {
  return { ...life, agent: { ...life.agent, lostAt: life.agent.lostAt ?? event.at } };
}

/** A build began. If another one is known to run, that one ended without being seen. */
export function buildStarted(life: SlaveLife, event: { at: number; url: string }): SlaveLife {
  const before = life.builds.current;
  const seen = agentOnline(before === null ? life : buildFinished(life, { at: event.at, url: before.url }), event);
  const awaited = seen.builds.awaited.filter((url) => !isSameBuild(url, event.url));
  const current = { url: event.url, startedAt: event.at };
  const builds = { ...seen.builds, current, awaited, awaitedSince: null };
  const agent = { ...seen.agent, idleSince: null };
  // What was seen idle before this build began decides nothing any more.
  return { ...seen, builds, agent, unmarkedAt: null, idleLooks: 0, lastLookAt: null };
}

/** A build is over. If it was never seen to begin, it began unseen. */
export function buildFinished(life: SlaveLife, event: { at: number; url: string }): SlaveLife {
  const begun = life.builds.current?.url === event.url ? life : buildStarted(life, event);
  const seen = agentOnline(begun, event);
  const { awaited, ran } = seen.builds;
  // Another one that is to go on here is awaited from now on.
  const awaitedSince = awaited.length > 0 ? event.at : null;
  const builds = { current: null, ran: ran + 1, lastUrl: event.url, finishedAt: event.at, awaited, awaitedSince };
  const idleSince = awaited.length > 0 ? null : event.at;
  return { ...seen, builds, agent: { ...seen.agent, idleSince }, idleLooks: 0, lastLookAt: null };
}

/** A build that was over before anyone saw it begin: the slave passes through every state up to busy all the same. */
export function ranUnseen(life: SlaveLife, event: Of<"build.finished">): SlaveLife {
  return buildFinished(passedTo(life, "busy", { at: event.at, reason: `ran ${event.url}` }), event);
}

/** A slave that was to go got a build all the same: it goes after it, and how it ended is open again. */
export function spared(life: SlaveLife, build: { at: number; url: string }): SlaveLife {
  return buildStarted(
    { ...life, goesAfterBuild: true, podMayGoFirst: false, outcome: null, cause: null, failure: null },
    build,
  );
}

/**
 * Whether a look tells anything. It must have begun after the mark was answered and after the last build was seen
 * finished; to count as another idle one, a second after the look before; to be a build's, it need not be the newest.
 */
export function isTimelyLook(life: SlaveLife, event: Of<"looked">): boolean {
  if (life.markedAt === null || event.beganAt < Math.max(life.markedAt, life.builds.finishedAt ?? 0)) return false;
  if (life.lastLookAt === null) return true;
  if (sawIdle(life, event)) return event.beganAt >= life.lastLookAt + lookSpacingMs;
  return event.beganAt > life.lastLookAt || life.idleLooks > 0;
}

/** What a timely look showed: a build that is still there starts the count of idle looks anew. */
export function looked(life: SlaveLife, event: Of<"looked">): SlaveLife {
  const lastLookAt = Math.max(life.lastLookAt ?? 0, event.beganAt);
  return { ...life, lastLookAt, idleLooks: sawIdle(life, event) ? life.idleLooks + 1 : 0 };
}

function sawIdle(life: SlaveLife, event: Of<"looked">): boolean {
  return event.build === null || !isPodAlive(life);
}

/** The master has its node no more, and it is to have none. */
export function nodeGone(life: SlaveLife, { at }: { at: number }): SlaveLife {
  return { ...life, node: { ...life.node, removedAt: at } };
}

/** Its node, and whatever its master has besides, is nobody's concern any more. */
export function masterForgotten(life: SlaveLife, { at, reason }: Of<"master.forgotten">): SlaveLife {
  return { ...life, held: null, node: { ...life.node, removedAt: at, givenUp: reason.slice(0, textLimit) } };
}

/** Into draining, with how the launch is counted, what failed if anything did, and why its agent did not come, if that is why it leaves. */
export function leaving(
  life: SlaveLife,
  because: {
    at: number;
    reason: string;
    otherwise: Outcome;
    cause: AgentCause | null;
    failure: FailureClass | null;
  },
): SlaveLife {
  const { otherwise, cause } = because;
  // Where the pod was lost and the next one did not come that far, that is what the slave was lost by.
  const by = because.failure ?? life.lost?.class ?? null;
  const failure = by === null ? null : { class: by };
  // A mark that was set because of its build does not say what has befallen its pod: it is set anew, with that.
  const markedAt = failure === null || isPodAlive(life) ? life.markedAt : null;
  const left: SlaveLife = { ...life, markedAt, outcome: outcomeOf(life, otherwise), cause, failure, lost: null };
  return entered(left, "draining", { at: because.at, reason: withLoss(because.reason, life) });
}

/** Whether this build is one that the slave is not known to have run or to run, or one that is to go on here. */
export function isNewBuild({ builds }: SlaveLife, url: string): boolean {
  return (
    builds.awaited.some((other) => isSameBuild(other, url)) || (url !== builds.lastUrl && url !== builds.current?.url)
  );
}

/** Whether the end of this build is news: of the one that runs, or of one that was never seen. */
export function isNewEnd(life: SlaveLife, url: string): boolean {
  return url === life.builds.current?.url || isNewBuild(life, url);
}

/** The agent of a running build stayed away too long: the build is lost, and its process must not outlive it. */
export function givenUp(life: SlaveLife): SlaveLife {
  return { ...life, podMayGoFirst: true };
}
