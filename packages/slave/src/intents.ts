import type { SlaveLife, SlaveState } from "@kubestack/contracts";
import { isHeld } from "./holding.ts";
import {
  isAllGone,
  isAwaiting,
  isLastBuild,
  isLostPodThere,
  isPodAlive,
  isPodKept,
  mayHaveNode,
  stepsOf,
} from "./life.ts";
import { type PodRetention, retentionOf } from "./retaining.ts";

/** What is to be done for a slave. Each can be repeated: doing it twice does it once. */
export type Intent =
  | { readonly type: "announce"; readonly params: { readonly from: number; readonly upTo: number } }
  | { readonly type: "createPod"; readonly params: Nothing }
  | { readonly type: "registerNode"; readonly params: Nothing }
  | { readonly type: "createSecret"; readonly params: Nothing }
  | { readonly type: "markOffline"; readonly params: Nothing }
  | { readonly type: "bringOnline"; readonly params: Nothing }
  | { readonly type: "askBuilds"; readonly params: AskedBuilds }
  | { readonly type: "look"; readonly params: { readonly notBefore: number } }
  | { readonly type: "removeNode"; readonly params: Nothing }
  | { readonly type: "retainPod"; readonly params: PodRetention }
  | { readonly type: "deletePod"; readonly params: PodDeletion }
  | { readonly type: "confirmSecretGone"; readonly params: Nothing };
export type IntentType = Intent["type"];
type Nothing = Readonly<Record<string, never>>;

/** Builds to ask the master about: is one of them over? */
export interface AskedBuilds {
  readonly urls: readonly string[];
  /** From when on one that the master does not know (any more) is over, in milliseconds of NATS's time. */
  readonly unknownIsOverFrom: number;
}

const none: Nothing = {};

/** Two looks that decide a removal begin at least this far apart: a master may be between the hand-over of a build and showing it. */
export const lookSpacingMs = 1000;

/** How a pod is to be deleted. */
export interface PodDeletion {
  /** Since when it should have been gone, in milliseconds of NATS's time, where it is long overdue: by force if its node is dead. */
  readonly overdueSince?: number;
}

/** A master that started anew may not have loaded all its builds at once: one that it does not know is over only after this time, in milliseconds. */
export const loadingMs = 60_000;

/** How many idle looks, begun after the mark, must precede the removal of the master's node. */
export function looksNeeded(life: SlaveLife): number {
  // A dead process runs nothing, and a mark that was set while a build ran has kept every other build away.
  const markedWhileBusy =
    life.markedAt !== null && life.builds.finishedAt !== null && life.builds.finishedAt > life.markedAt;
  return !isPodAlive(life) || markedWhileBusy ? 1 : 2;
}

/**
 * Everything still to be done for a slave in this state, in order. It is derived from the record alone, so a crash
 * between saving and doing is repaired by asking again.
 */
export function outstanding(state: SlaveState, life: SlaveLife): Intent[] {
  const intents: Intent[] = [];
  const steps = stepsOf(life);
  if (life.announced < steps) intents.push({ type: "announce", params: { from: life.announced, upTo: steps } });
  return [...intents, ...work(state, life)];
}

function work(state: SlaveState, life: SlaveLife): Intent[] {
  switch (state) {
    case "requested":
      return [{ type: "createPod", params: none }];
    case "scheduled":
    case "online":
      if (life.node.registeredAt === null) return [{ type: "registerNode", params: none }];
      return life.secret.createdAt === null ? [{ type: "createSecret", params: none }] : [];
    case "busy":
      if (life.lost !== null) return relaunching(life);
      if (isAwaiting(life)) return awaiting(life);
      // Kept from a second build while the first still runs.
      return isLastBuild(life) && life.markedAt === null ? [{ type: "markOffline", params: none }] : [];
    case "draining":
      return isAllGone(life) ? [] : teardown(life);
    case "deleted":
      return [];
  }
}

/**
 * A pipeline's block goes on only on its own node, and only while that is not marked: so the node is there, and put back
 * online. A build that did not outlive the restart is known to be over by its own page.
 */
function awaiting({ builds, node, unmarkedAt, trail }: SlaveLife): Intent[] {
  const since = builds.awaitedSince ?? trail.at(-1)?.at ?? 0;
  const ask: Intent = { type: "askBuilds", params: { urls: builds.awaited, unknownIsOverFrom: since + loadingMs } };
  if (node.registeredAt === null) return [{ type: "registerNode", params: none }, ask];
  return unmarkedAt === null ? [{ type: "bringOnline", params: none }, ask] : [ask];
}

/**
 * The pod was lost under its build: the master is told by what, and the next pod follows under the same node once that one is
 * gone, with a Secret of its own.
 */
function relaunching(life: SlaveLife): Intent[] {
  const { pod, node, secret } = life;
  const told = isAwaiting(life) ? awaiting(life) : telling(life);
  if (isLostPodThere(life)) return [...told, deletion(life)];
  if (pod.uid === null) return [...told, { type: "createPod", params: none }];
  if (node.registeredAt === null) return isAwaiting(life) ? told : [...told, { type: "registerNode", params: none }];
  return secret.createdAt === null ? [...told, { type: "createSecret", params: none }] : told;
}

/** A node that is marked looks the same with its agent and without: the mark goes when the agent may come, and not sooner. */
function telling({ pod, markedAt, unmarkedAt }: SlaveLife): Intent[] {
  if (unmarkedAt !== null) return [];
  if (markedAt === null) return [{ type: "markOffline", params: none }];
  return pod.waitsOn === "agent" && pod.endedAt === null ? [{ type: "bringOnline", params: none }] : [];
}

/** Offline at the master, seen idle after that, its node removed, then pod and Secret deleted, each until gone. */
function teardown(life: SlaveLife): Intent[] {
  if (isHeld(life)) return keeping(life);
  if (mayHaveNode(life)) {
    // Nothing runs in a pod that has ended: it need not hold its place while the master does not answer.
    const podToo = (life.podMayGoFirst || !isPodAlive(life)) && life.pod.goneAt === null && !isPodKept(life);
    return podToo ? [...retire(life), ending(life)] : retire(life);
  }
  if (life.pod.goneAt === null && !isPodKept(life)) return [ending(life)];
  // Whoever is kept needs it no more; its containers end meanwhile.
  return life.secret.goneAt === null ? [{ type: "confirmSecretGone", params: none }] : [];
}

/** It takes no build, and everything else stays as it is: the looks that a removal needs come after the hold. */
function keeping(life: SlaveLife): Intent[] {
  if (!mayHaveNode(life)) return [];
  if (isToBeMadeAnew(life)) return [{ type: "registerNode", params: none }];
  return life.markedAt === null ? [{ type: "markOffline", params: none }] : [];
}

function ending(life: SlaveLife): Intent {
  const retention = retentionOf(life);
  return retention === undefined ? deletion(life) : { type: "retainPod", params: retention };
}

function deletion({ pod: { isOverdue, goneBy } }: SlaveLife): Intent {
  return { type: "deletePod", params: isOverdue && goneBy !== null ? { overdueSince: goneBy } : none };
}

function retire(life: SlaveLife): Intent[] {
  if (isToBeMadeAnew(life)) return [{ type: "registerNode", params: none }];
  if (life.markedAt === null) return [{ type: "markOffline", params: none }];
  if (life.idleLooks < looksNeeded(life))
    return [{ type: "look", params: { notBefore: life.lastLookAt === null ? 0 : life.lastLookAt + lookSpacingMs } }];
  return mayBeAwaited(life) ? [] : [{ type: "removeNode", params: none }];
}

/**
 * Whether a build that nobody told of may wait for this slave: looks do not show that, and removing its node ends it. A dead
 * process can't go on with any.
 */
export function mayBeAwaited(life: SlaveLife): boolean {
  return life.unsureSince !== null && isPodAlive(life);
}

/** Whether the master dropped the node of a slave on its way out that a build may wait for: it goes on only there. */
export function isToBeMadeAnew(life: SlaveLife): boolean {
  const { registeredAt, removedAt, drops } = life.node;
  return registeredAt === null && removedAt === null && drops > 0 && mayBeAwaited(life);
}
