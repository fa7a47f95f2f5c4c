import type { SlaveLife } from "@kubestack/contracts";
import type { SlaveEvent } from "./events.ts";
import { loadingMs } from "./intents.ts";
import { isAwaiting, isSameBuild } from "./life.ts";

type Of<T extends SlaveEvent["type"]> = Extract<SlaveEvent, { type: T }>;

/** At most so many builds are awaited on one slave: each further one took a restart, or a build that came between. */
const mostAwaited = 8;
/** A node that the master drops more often than this is not made anew: it may do so at each of its starts. */
const mostDrops = 8;

/** What a restart of the master, or the loss of a node there, changes in a slave's life. */

/** Whether the master was started anew since it was seen last; where that was never seen, nobody can tell. */
export function isRestart(life: SlaveLife, { session }: Of<"session.seen">): boolean {
  return life.session !== null && life.session !== session;
}

/**
 * The master answers in this start of it. If it was started anew, nothing that it said before holds: neither a mark,
 * which outlives most masters' restarts but not all, nor a look. The build that ran may go on: it is awaited.
 */
export function sessionSeen(life: SlaveLife, event: Of<"session.seen">): SlaveLife {
  const fresh = sessionSeenLeaving(life, event);
  if (!isRestart(life, event)) return fresh;
  const { current } = life.builds;
  if (current !== null) return awaiting(fresh, { at: event.at, url: current.url });
  if (!isAwaiting(fresh)) return fresh;
  return { ...fresh, builds: { ...fresh.builds, awaitedSince: event.at } };
}

/** The same for a slave that is to go: no build of it goes on, but mark and looks are to be made anew. */
export function sessionSeenLeaving(life: SlaveLife, event: Of<"session.seen">): SlaveLife {
  const seen = { ...life, session: event.session };
  if (!isRestart(life, event)) return seen;
  const unsureSince = life.unsureSince !== null || mayHideBuild(life) ? event.at : null;
  return { ...seen, unsureSince, markedAt: null, unmarkedAt: null, idleLooks: 0, lastLookAt: null };
}

/** Whether a build that nobody told of may have run: only a mark that was set while another one ran keeps all others away. */
function mayHideBuild({ markedAt, builds }: SlaveLife): boolean {
  return markedAt === null || builds.current === null;
}

/**
 * Whether a reading of the queue settles that nothing waits for this slave: not before a master that has just come up can
 * have loaded all that was interrupted, nor while it has no node of the name that is waited for, since it may not tell that
 * name then.
 */
export function isSurelyNotAwaited({ session, unsureSince, node }: SlaveLife, event: Of<"none.awaited">): boolean {
  const { registeredAt, drops } = node;
  if (unsureSince === null || event.session !== session || (registeredAt === null && drops > 0)) return false;
  return event.readAt >= Math.max(unsureSince, registeredAt ?? 0) + loadingMs;
}

/** Nothing is known to run, and this build is to go on here. */
function awaiting(life: SlaveLife, build: { at: number; url: string }): SlaveLife {
  const awaited = [...new Set([...life.builds.awaited, build.url])].slice(-mostAwaited);
  const builds = { ...life.builds, current: null, awaited, awaitedSince: build.at };
  return { ...life, builds, agent: { ...life.agent, idleSince: null } };
}

/** A build that was told of by a reading, or by its item in the queue. */
type Awaited = Of<"build.awaited"> | Of<"build.told">;

/** Whether a queue item, or what was told of a build, is news. One of the build that ran last is an old story if it was read before that was over. */
export function isNewlyAwaited({ builds }: SlaveLife, { url, readAt }: Awaited): boolean {
  const { current, awaited, lastUrl, finishedAt } = builds;
  const known = current === null ? awaited : [...awaited, current.url];
  if (known.some((other) => isSameBuild(other, url)) || awaited.length >= mostAwaited) return false;
  return lastUrl === null || !isSameBuild(lastUrl, url) || readAt > (finishedAt ?? 0);
}

/**
 * A build is to go on here; or it was told to have begun, and its master may have been started anew since: until a reading
 * shows it, or its own page says that it is over, it is treated as one that is to go on. While another one runs, that one comes first. */
export function buildAwaited(life: SlaveLife, { at, url }: Awaited): SlaveLife {
  if (life.builds.current === null) return awaiting(life, { at, url });
  return { ...life, builds: { ...life.builds, awaited: [...life.builds.awaited, url] } };
}

/** A slave that was to go has a build that goes on here: it is put back online, and goes after it. */
export function calledBack(life: SlaveLife, event: Awaited): SlaveLife {
  const back = { ...life, goesAfterBuild: true, podMayGoFirst: false, outcome: null, cause: null };
  return buildAwaited({ ...back, markedAt: null, unmarkedAt: null, idleLooks: 0, lastLookAt: null }, event);
}

/** What was awaited did not go on here in time: it counts as run. An item that wants this slave still calls it back. */
export function awaitedInVain(life: SlaveLife, { at }: { at: number }): SlaveLife {
  const { awaited, ran, lastUrl } = life.builds;
  const over = { ran: ran + awaited.length, lastUrl: awaited.at(-1) ?? lastUrl, finishedAt: at };
  return { ...life, builds: { ...life.builds, ...over, awaited: [], awaitedSince: null } };
}

/** The master hands it builds again. */
export function unmarked(life: SlaveLife, event: Of<"offline.unmarked">): SlaveLife {
  return { ...life, markedAt: null, unmarkedAt: event.at };
}

/** The mark was set. Where it should not be, as by a request that was on its way when the master went down, it goes again. */
export function marked(life: SlaveLife, event: Of<"offline.marked">): SlaveLife {
  return { ...life, markedAt: event.at, unmarkedAt: null };
}

/** Whether the node is worth making anew: nothing is lost yet but the node itself. */
export function isWorthANode({ node }: SlaveLife): boolean {
  return node.registeredAt !== null && node.drops < mostDrops;
}

/** The node is gone and to be made anew; the new one bears no mark. */
export function nodeDropped(life: SlaveLife): SlaveLife {
  const node = { ...life.node, registeredAt: null, drops: life.node.drops + 1 };
  return { ...life, node, markedAt: null, unmarkedAt: null };
}
