import type { SlaveState } from "@kubestack/contracts";
import type { SlaveEventType } from "./events.ts";

/** What each state means, for people. */
export const stateWords: Readonly<Record<SlaveState, string>> = {
  requested: "It is in the ledger and recorded; its pod is being created.",
  scheduled: "The pod exists; it waits for a node, an image, the start of its containers, or its agent.",
  online: "The agent is connected to the master and idle.",
  busy: "It runs a build; where that is its last one, the master was told to hand it no other. Or a restart of the master interrupted its build, and it is put back online until that goes on, or is known to be over.",
  draining:
    "Offline at the master, seen idle after that, its node removed, then pod and Secret deleted, each until gone.",
  deleted: "Nothing of it exists any more. The record stays a while, for people to read.",
};

/** What each event tells, for people. */
export const eventWords: Readonly<Record<SlaveEventType, string>> = {
  "pod.accepted": "the cluster accepted the pod",
  "pod.refused": "the cluster refused the pod",
  "pod.progressed": "the pod waits for something else now, or is on a node",
  "pod.ended": "the agent's container ended, or the pod is being taken away",
  "pod.leaving": "the pod is being deleted",
  "pod.gone": "the pod is gone",
  "node.registered": "the master has its node",
  "node.refused": "the master refused its node",
  "node.removed": "the master has no node of it any more",
  "node.dropped": "the master dropped its node while it lives",
  "secret.created": "the agent's Secret is there",
  "secret.gone": "the agent's Secret is gone",
  "agent.online": "the master sees the agent",
  "agent.lost": "the master does not see the agent any more",
  "build.started": "a build began on it",
  "build.finished": "a build on it is over",
  "build.awaited": "an item of the master's queue is a build that goes on here, and only here",
  "offline.unmarked": "the master was told to hand it builds again, and answered",
  "session.seen": "the master was read in this start of it",
  "offline.marked": "the master was told to hand it no build, and answered",
  looked: "the master was read to see what it runs",
  "drain.requested": "it is to go",
  "deadline.passed": "a clock ran out",
  announced: "its states were published",
  resume: "asked what is still to be done",
};

/** What each guard of the machine asks, for people. */
export const guardWords: Readonly<Record<string, string>> = {
  isNewBuild: "the build is not known yet",
  isNewEnd: "it is the build that runs, or one not known yet",
  isNewLastEnd: "it is the build that runs, or one not known yet, and the last one it may run",
  isEndBeforeAwaited: "it is the build that runs, or one not known yet, and another one is to go on here",
  isNewlyAwaited: "it is not known yet, or wants to go on again",
  mayGoOn: "it is not known yet, or wants to go on again; its process lives and its node is there",
  isToBeUnmarked: "it awaits a build, and was not put back online",
  isOtherSession: "it was not seen in this start of the master",
  isWorthANode: "its node was made, and dropped no more than twice before",
  isAwaitingWithNode: "it awaits a build, its node was made, and dropped no more than twice before",
  isRegistered: "its node was made",
  hasWaitedEnough: "the clock `resume` runs in this state and is over",
  isItsBuild: "it is the build that runs",
  mayStillBuild: "the build is not known yet, its process lives and its node is there",
  sawNewBuild: "a build not known yet runs, its process lives and its node is there",
  isTimelyLook: "the look began after the mark and after the last build, and a second after the look before",
  isProgress: "it says something new",
  isPodUnknown: "no pod was known",
  isUnregistered: "it was not known",
  isWithoutSecret: "it was not known",
  isAway: "the agent was lost",
  isThere: "the agent was there",
  hasNotEnded: "it was not known",
  isNotLeaving: "it was not known",
  isOverdue: "the clock `force` runs in this state and is over",
  isNotGone: "it was not known",
  isUnmarked: "it was not marked",
  isStaying: "it was not to go after its build yet",
  isNodeThere: "it was not known",
  isSecretThere: "it was not known",
  isUnannounced: "they were not known to be",
  hasRunOut: "the clock runs in this state and is over",
  isAllGone: "pod, Secret and node are gone",
};
