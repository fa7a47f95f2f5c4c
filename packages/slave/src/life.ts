import type { Outcome, SlaveLife, SlaveLimits, SlaveState, TrailEntry } from "@kubestack/contracts";

/** Sentences of the cluster and of the master are cut at this many characters: a record takes no longer ones. */
export const textLimit = 2048;

/** The trail keeps this many of its newest entries. */
export const trailLimit = 64;

/** The life of a slave that was just written into the ledger. `attempt` is not 1 where such a pod of it was found. */
export function newLife(limits: SlaveLimits, birth: { at: number; reason: string; attempt?: number }): SlaveLife {
  return {
    limits,
    trail: [{ state: "requested", at: birth.at, reason: birth.reason.slice(0, textLimit) }],
    trailDropped: 0,
    announced: 0,
    attempt: birth.attempt ?? 1,
    lost: null,
    pod: newPod(birth.at),
    node: { registeredAt: null, removedAt: null, drops: 0, givenUp: null },
    secret: { createdAt: null, goneAt: null },
    agent: { firstOnlineAt: null, idleSince: null, lostAt: null },
    builds: { current: null, ran: 0, lastUrl: null, finishedAt: null, awaited: [], awaitedSince: null },
    session: null,
    unsureSince: null,
    markedAt: null,
    unmarkedAt: null,
    idleLooks: 0,
    lastLookAt: null,
    goesAfterBuild: false,
    held: null,
    podMayGoFirst: false,
    outcome: null,
    cause: null,
    failure: null,
  };
}

/** A pod that is to be created. */
export function newPod(at: number): SlaveLife["pod"] {
  return {
    uid: null,
    acceptedAt: null,
    node: null,
    waitsOn: "node",
    waitsSince: at,
    waitDetail: "",
    trouble: null,
    runningAt: null,
    endedAt: null,
    goneAt: null,
    goneBy: null,
    isOverdue: false,
    retained: null,
    isRetentionOver: false,
  };
}

/** When and why the present state was entered. */
export function entryOf(life: SlaveLife): TrailEntry {
  const entry = life.trail.at(-1);
  if (entry === undefined) throw new RangeError("A slave's life without a trail: the record is damaged.");
  return entry;
}

/** How many states the slave has entered so far, dropped trail entries included. */
export function stepsOf(life: SlaveLife): number {
  return life.trailDropped + life.trail.length;
}

/** The life after entering `state`. */
export function entered(life: SlaveLife, state: SlaveState, because: { at: number; reason: string }): SlaveLife {
  const trail = [...life.trail, { state, at: because.at, reason: because.reason.slice(0, textLimit) }];
  const surplus = Math.max(0, trail.length - trailLimit);
  return { ...life, trail: trail.slice(surplus), trailDropped: life.trailDropped + surplus };
}

const passage: readonly SlaveState[] = ["requested", "scheduled", "online", "busy"];

/**
 * The life after passing through every state between the present one and `target`, each with a trail entry, so that a
 * slave first seen busy has the same story as one that was watched all along.
 */
export function passedTo(life: SlaveLife, target: SlaveState, because: { at: number; reason: string }): SlaveLife {
  const from = passage.indexOf(entryOf(life).state);
  const to = passage.indexOf(target);
  if (from < 0 || to <= from) return entered(life, target, because);
  return passage.slice(from + 1, to + 1).reduce((next, state) => entered(next, state, because), life);
}

/** Whether the build that runs now, or ran last, is the slave's last one. */
export function isLastBuild(life: SlaveLife): boolean {
  const { ran, current, awaited } = life.builds;
  const begun = ran + awaited.length + (current === null ? 0 : 1);
  return life.goesAfterBuild || (life.limits.builds > 0 && begun >= life.limits.builds);
}

/** Whether a node of this slave may exist on the master: it is made once the pod is known, or by an agent that came. */
export function mayHaveNode(life: SlaveLife): boolean {
  const { pod, node, agent } = life;
  const mayEverHave = pod.uid !== null || node.registeredAt !== null || agent.firstOnlineAt !== null;
  return mayEverHave && node.removedAt === null;
}

/** Whether the process in the pod can still run a build. */
export function isPodAlive(life: SlaveLife): boolean {
  return life.pod.endedAt === null && life.pod.goneAt === null;
}

/**
 * Whether two addresses are of one build: an item of the queue, and an executor, may name it below different roots of
 * their master.
 */
export function isSameBuild(one: string, other: string): boolean {
  return one === other || pathOf(one) === pathOf(other);
}

function pathOf(url: string): string {
  return url.slice(Math.max(0, url.indexOf("/job/")));
}

/** Whether nothing is known to run here, but a build that a restart of the master interrupted may go on here. */
export function isAwaiting({ builds }: SlaveLife): boolean {
  return builds.current === null && builds.awaited.length > 0;
}

/** How a slave that leaves now is counted: it served if it ran a build, whatever became of it later. */
export function outcomeOf(life: SlaveLife, otherwise: Outcome): Outcome {
  const { ran, current, awaited } = life.builds;
  return ran > 0 || current !== null || awaited.length > 0 ? "served" : otherwise;
}

/** Whether the pod that was lost is still there: the next one waits until it is not. */
export function isLostPodThere({ lost, pod }: SlaveLife): boolean {
  return lost !== null && pod.endedAt !== null;
}

/** Why a slave goes, with what its pod was lost by before, where another one was to save its build. */
export function withLoss(reason: string, { lost }: Pick<SlaveLife, "lost">): string {
  return lost === null || reason === lost.reason ? reason : `${reason}; its pod before was lost: ${lost.reason}`;
}

/** Whether nothing of the slave exists any more, on the cluster or on the master, but a pod that is kept and has ended. */
export function isAllGone(life: SlaveLife): boolean {
  const { goneAt, endedAt } = life.pod;
  const isPodOver = goneAt !== null || (isPodKept(life) && endedAt !== null);
  return isPodOver && life.secret.goneAt !== null && !mayHaveNode(life);
}

/** Whether the pod is kept beyond its slave. */
export function isPodKept({ pod }: SlaveLife): boolean {
  const { retained, goneAt, goneBy, isOverdue, isRetentionOver } = pod;
  return retained !== null && goneAt === null && goneBy === null && !isOverdue && !isRetentionOver;
}
