import type { Outcome, SlaveLife } from "@kubestack/contracts";
import type { SlaveEvent } from "./events.ts";
import { entered, isPodAlive, outcomeOf } from "./life.ts";

type Of<T extends SlaveEvent["type"]> = Extract<SlaveEvent, { type: T }>;

/** Each function here is one event's effect on the life, without regard to which state follows. */

export function podAccepted(life: SlaveLife, event: Of<"pod.accepted">): SlaveLife {
  const pod = { ...life.pod, uid: event.uid, acceptedAt: event.at, waitsOn: "node" as const, waitsSince: event.at };
  return { ...life, pod };
}

export function podProgressed(life: SlaveLife, event: Of<"pod.progressed">): SlaveLife {
  const same = event.waitsOn === life.pod.waitsOn && !event.anew;
  const pod = {
    ...life.pod,
    node: event.node ?? life.pod.node,
    waitsOn: event.waitsOn,
    waitsSince: same ? life.pod.waitsSince : event.at,
    waitDetail: event.detail,
    runningAt: event.waitsOn === "agent" ? (life.pod.runningAt ?? event.at) : life.pod.runningAt,
  };
  return { ...life, pod };
}

/** Whether a report of the pod says anything that the life does not know. */
export function isProgress(life: SlaveLife, event: Of<"pod.progressed">): boolean {
  const { pod } = life;
  return (
    event.anew ||
    event.waitsOn !== pod.waitsOn ||
    event.detail !== pod.waitDetail ||
    (event.node !== null && event.node !== pod.node)
  );
}

export function podEnded(life: SlaveLife, event: Of<"pod.ended">): SlaveLife {
  return { ...life, pod: { ...life.pod, endedAt: life.pod.endedAt ?? event.at } };
}

export function podGone(life: SlaveLife, event: Of<"pod.gone">): SlaveLife {
  const ended = life.pod.endedAt ?? event.at;
  return { ...life, pod: { ...life.pod, endedAt: ended, goneAt: life.pod.goneAt ?? event.at } };
}

/** The agent is there, and idle unless a build is known. */
export function agentOnline(life: SlaveLife, event: { at: number }): SlaveLife {
  const agent = {
    firstOnlineAt: life.agent.firstOnlineAt ?? event.at,
    idleSince: life.builds.current === null ? (life.agent.idleSince ?? event.at) : null,
    lostAt: null,
  };
  return { ...life, agent };
}

export function agentLost(life: SlaveLife, event: { at: number }): SlaveLife {
  return { ...life, agent: { ...life.agent, lostAt: life.agent.lostAt ?? event.at } };
}

export function buildStarted(life: SlaveLife, event: { at: number; url: string }): SlaveLife {
  const seen = agentOnline(life, event);
  const builds = { ...seen.builds, current: { url: event.url, startedAt: event.at } };
  // What was seen idle before this build began decides nothing any more.
  return { ...seen, builds, agent: { ...seen.agent, idleSince: null }, idleLooks: 0, lastLookAt: null };
}

export function buildFinished(life: SlaveLife, event: { at: number; url: string }): SlaveLife {
  const seen = agentOnline(life, event);
  const builds = { current: null, ran: seen.builds.ran + 1, lastUrl: event.url, finishedAt: event.at };
  return { ...seen, builds, agent: { ...seen.agent, idleSince: event.at }, idleLooks: 0, lastLookAt: null };
}

/** Another build is there already: the one known before ended without being seen. */
export function endedUnseen(life: SlaveLife, event: { at: number }): SlaveLife {
  return life.builds.current === null ? life : buildFinished(life, { at: event.at, url: life.builds.current.url });
}

/** A look counts only if it began after the mark was answered and after the last build was seen finished. */
export function isTimelyLook(life: SlaveLife, event: Of<"looked">): boolean {
  return life.markedAt !== null && event.beganAt >= Math.max(life.markedAt, life.builds.finishedAt ?? 0);
}

/** What a timely look showed: a build that is still there starts the count of idle looks anew. */
export function looked(life: SlaveLife, event: Of<"looked">): SlaveLife {
  const idle = event.build === null || !isPodAlive(life);
  return { ...life, lastLookAt: event.beganAt, idleLooks: idle ? life.idleLooks + 1 : 0 };
}

/** Into draining, with how the launch is counted. */
export function leaving(life: SlaveLife, because: { at: number; reason: string; otherwise: Outcome }): SlaveLife {
  return entered({ ...life, outcome: outcomeOf(life, because.otherwise) }, "draining", because);
}

/** Whether this build is one that the slave has not run before. */
export function isNewBuild(life: SlaveLife, url: string): boolean {
  return url !== life.builds.lastUrl && url !== life.builds.current?.url;
}
