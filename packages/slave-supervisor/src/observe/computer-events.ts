import type { Completion, Computer, SlaveLife, SlaveState } from "@kubestack/contracts";
import type { SlaveEvent } from "@kubestack/slave";

/** One reading of the master's computers. */
export interface Reading {
  /** When reading began, in milliseconds of NATS's time. */
  readonly readAt: number;
  /** Whether every node of the master is in it: only then is a missing one gone. */
  readonly isWhole: boolean;
}

/** What a reading says about a slave that its life does not know yet. `shown` is undefined where it is not listed. */
export function eventsOfComputer(
  shown: Computer | undefined,
  slave: { state: SlaveState; life: SlaveLife },
  reading: Reading & { at: number },
): SlaveEvent[] {
  const { state, life } = slave;
  if (state === "deleted" || life.node.removedAt !== null) return [];
  if (shown === undefined) return reading.isWhole ? vanished(life, reading) : [];
  const events: SlaveEvent[] = [];
  if (shown.online && (state === "requested" || state === "scheduled" || life.agent.lostAt !== null))
    events.push({ type: "agent.online", at: reading.at });
  events.push(...buildEvents(shown, life, reading));
  if (events.length === 0 && !shown.online) events.push(...absent(shown, slave, reading.at));
  return events;
}

function buildEvents(shown: Computer, life: SlaveLife, reading: Reading & { at: number }): SlaveEvent[] {
  const { current } = life.builds;
  const [running] = shown.builds;
  if (running !== undefined && running.url !== "") {
    const isNew = running.url !== current?.url && running.url !== life.builds.lastUrl;
    return isNew ? [{ type: "build.started", url: running.url, at: reading.at }] : [];
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

function vanished(life: SlaveLife, reading: Reading & { at: number }): SlaveEvent[] {
  const { firstOnlineAt, lostAt } = life.agent;
  if (firstOnlineAt === null || lostAt !== null || reading.readAt <= firstOnlineAt) return [];
  return [{ type: "agent.lost", reason: "its node is gone from the master", at: reading.at }];
}

/** What a fact about a build says about the slave that ran it. */
export function eventsOfCompletion(completion: Completion, life: SlaveLife, at: number): SlaveEvent[] {
  const { url } = completion.build;
  if (completion.phase === "started") {
    const isNew = url !== life.builds.current?.url && url !== life.builds.lastUrl;
    return isNew ? [{ type: "build.started", url, at }] : [];
  }
  if (completion.phase === "finished" && url !== life.builds.lastUrl) return [{ type: "build.finished", url, at }];
  return [];
}
