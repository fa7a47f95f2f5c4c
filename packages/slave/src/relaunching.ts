import type { FailureClass, SlaveLife } from "@kubestack/contracts";
import { agentOnline } from "./changes.ts";
import type { SlaveEvent } from "./events.ts";
import { entered, newPod, textLimit } from "./life.ts";

type Of<T extends SlaveEvent["type"]> = Extract<SlaveEvent, { type: T }>;
/** By which a pod's loss is told. */
type Loss = Of<"pod.ended"> | Of<"pod.gone">;

/** What the loss of its pod under a build changes in the life of a slave whose template lets another pod follow under the same node. */

/**
 * Whether another pod is to follow the present one, should that be lost now: a build runs here or is to go on here, and only
 * here. Not where somebody holds the slave: that pod stays to be looked into.
 */
export function mayBeFollowed({ limits, attempt, pod, node, builds, held }: SlaveLife): boolean {
  const isNeeded = held === null && (builds.current !== null || builds.awaited.length > 0);
  // The end of one that is known to have ended is no news.
  return isNeeded && pod.endedAt === null && node.removedAt === null && attempt <= (limits.relaunch ?? 0);
}

/** Whether the agent can have come from the next pod: before that has its Secret there is none. */
export function mayBeBack({ lost, pod, secret }: SlaveLife): boolean {
  return lost !== null && pod.endedAt === null && secret.createdAt !== null;
}

/** It was lost, and its node stays. The master is told anew, of what; what was seen there before counts no more. */
export function podLost(life: SlaveLife, event: Loss, failure: FailureClass | null): SlaveLife {
  const { at } = event;
  const reason = event.reason.slice(0, textLimit);
  const alone: SlaveLife = {
    ...life,
    pod: { ...life.pod, endedAt: life.pod.endedAt ?? at },
    agent: { ...life.agent, lostAt: life.agent.lostAt ?? at, idleSince: null },
    lost: { at, class: failure ?? "", reason },
    ...{ markedAt: null, unmarkedAt: null, idleLooks: 0, lastLookAt: null },
  };
  const most = 1 + (life.limits.relaunch ?? 0);
  return entered(alone, "busy", {
    at,
    reason: `${event.reason}; pod ${life.attempt + 1} of at most ${most} follows it`,
  });
}

/** The one that was lost is gone: its number is burnt, and the next one has nothing yet. */
export function nextPod(life: SlaveLife, { at }: { at: number }): SlaveLife {
  return { ...life, attempt: life.attempt + 1, pod: newPod(at), secret: { createdAt: null, goneAt: null } };
}

/** It went before anybody told of its end. */
export function podWent(life: SlaveLife, event: Of<"pod.gone">, failure: FailureClass | null): SlaveLife {
  return nextPod(podLost(life, event, failure), event);
}

/** The agent of the next pod is there: the build goes on. */
export function agentBack(life: SlaveLife, event: { at: number }): SlaveLife {
  const { attempt, builds } = life;
  const url = builds.current?.url ?? builds.awaited[0] ?? "its build";
  const reason = `${url} may go on: the agent is connected again, from pod ${attempt}`;
  return entered({ ...agentOnline(life, event), lost: null }, "busy", { at: event.at, reason });
}
