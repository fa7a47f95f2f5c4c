import type { Completion, Computer, SlaveLife, SlaveState } from "@kubestack/contracts";
import {
  isAwaiting,
  isNewBuild,
  isRestart,
  mayBeAwaited,
  mayBeBack,
  type SlaveEvent,
  sessionSeen,
} from "@kubestack/slave";

/** One reading of the master's computers. */
export interface Reading {
  /** When reading began, in milliseconds of NATS's time. */
  readonly readAt: number;
  /** Whether every node of the master is in it: only then is a missing one gone. */
  readonly isWhole: boolean;
  /** In which start of the master; null or absent where it does not tell. */
  readonly session?: string | null | undefined;
}

/** What a reading says about a slave that its life does not know yet. `shown` is undefined where it is not listed. */
export function eventsOfComputer(
  shown: Computer | undefined,
  slave: { state: SlaveState; life: SlaveLife },
  reading: Reading & { at: number },
): SlaveEvent[] {
  const { state, life } = slave;
  if (state === "deleted" || life.node.removedAt !== null) return [];
  const { session, at } = reading;
  if (session === undefined || session === null || session === life.session) return shownEvents(shown, slave, reading);
  const event = { type: "session.seen", session, at } as const;
  if (!isRestart(life, event)) {
    const events = shownEvents(shown, slave, reading);
    // A slave that nothing has happened to yet has nothing to lose by a restart.
    return events.length > 0 || state === "busy" ? [event, ...events] : [];
  }
  // What is shown counts for what the restart left of its life.
  const after = state === "draining" ? life : sessionSeen(life, event);
  return [event, ...shownEvents(shown, { state, life: after }, reading)];
}

function shownEvents(
  shown: Computer | undefined,
  slave: { state: SlaveState; life: SlaveLife },
  reading: Reading & { at: number },
): SlaveEvent[] {
  const { state, life } = slave;
  if (shown === undefined) return reading.isWhole ? dropped(slave, reading) : [];
  const events: SlaveEvent[] = [];
  const isNews = state === "requested" || state === "scheduled" || life.agent.lostAt !== null;
  if (life.lost === null ? isNews && isAgentSeen(shown, life) : isNextAgent(shown, life, reading.readAt))
    events.push({ type: "agent.online", at: reading.at });
  events.push(...buildEvents(shown, life, reading));
  if (events.length === 0 && !shown.online) events.push(...absent(shown, slave, reading.at));
  return events;
}

/** A marked node shows offline with its agent and without: while it shows its build, the agent counts as there. */
function isAgentSeen({ online, markedOffline, builds }: Computer, { builds: { current } }: SlaveLife): boolean {
  return online || (markedOffline && current !== null && builds.some(({ url }) => url === current.url));
}

/** Whether this can be the agent of the pod that follows a lost one, and not what was left of the one before. */
function isNextAgent({ online }: Computer, life: SlaveLife, readAt: number): boolean {
  return online && mayBeBack(life) && readAt >= (life.secret.createdAt ?? 0);
}

function buildEvents(shown: Computer, life: SlaveLife, reading: Reading & { at: number }): SlaveEvent[] {
  const { current } = life.builds;
  const [running] = shown.builds;
  if (running !== undefined && running.url !== "") {
    return isNewBuild(life, running.url) ? [{ type: "build.started", url: running.url, at: reading.at }] : [];
  }
  // A reading that began before the build did can't tell that it is over; nor does an agent that is away.
  if (current === null || !shown.idle || reading.readAt < current.startedAt) return [];
  if (!shown.online && !shown.markedOffline) return [];
  return [{ type: "build.finished", url: current.url, at: reading.at }];
}

/** Not online: never connected yet, lost, or marked offline; a mark of ours is no loss. */
function absent(shown: Computer, { state, life }: { state: SlaveState; life: SlaveLife }, at: number): SlaveEvent[] {
  if ((state !== "online" && state !== "busy") || life.agent.lostAt !== null) return [];
  if (!shown.markedOffline) return [{ type: "agent.lost", reason: "the agent's connection is gone", at }];
  // Ours, or about to be known as ours: a busy slave is marked as soon as it has its last build.
  if (life.markedAt !== null || state === "busy") return [];
  return [{ type: "agent.lost", reason: "somebody marked its node offline at the master", at }];
}

/**
 * Its node is not listed though it was there before. While its agent is on its way, or a build is or may be to go on there,
 * a new node mends that; an idle one has nothing worth mending. A build that ran was ended by whoever dropped its node: its
 * agent is lost, and the slave goes when that is certain.
 */
function dropped(
  { state, life }: { state: SlaveState; life: SlaveLife },
  reading: Reading & { at: number },
): SlaveEvent[] {
  const { firstOnlineAt, lostAt } = life.agent;
  const knownAt = Math.max(life.node.registeredAt ?? 0, firstOnlineAt ?? 0);
  if (knownAt === 0 || reading.readAt <= knownAt) return [];
  const reason = "its node is gone from the master";
  const mayBeMended = state === "scheduled" || isAwaiting(life) || (state === "draining" && mayBeAwaited(life));
  const isVain = life.lost !== null && life.builds.awaited.length === 0;
  if ((mayBeMended && life.node.registeredAt !== null) || state === "online" || isVain)
    return [{ type: "node.dropped", reason, at: reading.at }];
  return state === "busy" && !isAwaiting(life) && lostAt === null
    ? [{ type: "agent.lost", reason, at: reading.at }]
    : [];
}

/** What a fact about a build says about the slave that ran it. */
export function eventsOfCompletion(completion: Completion, life: SlaveLife, at: number): SlaveEvent[] {
  const { url } = completion.build;
  const isNew = isNewBuild(life, url);
  if (completion.phase === "started") return isNew ? [{ type: "build.started", url, at }] : [];
  const isNews = completion.phase === "finished" && (isNew || url === life.builds.current?.url);
  return isNews ? [{ type: "build.finished", url, at }] : [];
}
