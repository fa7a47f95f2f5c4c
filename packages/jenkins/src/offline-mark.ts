import { type Computer, hasCode, KubestackError } from "@kubestack/contracts";
import { type NodeReading, readNode } from "./computers.ts";
import { segment } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";

/** What marking came upon. */
export interface MarkResult {
  /** The node as it was read before anything was changed; null: there is none. */
  readonly found: Computer | null;
  /** In which start of the master that was read; null where it does not tell. */
  readonly session: string | null;
  /** Whether a change was made. */
  readonly changed: boolean;
}

/** What becomes of a mark that is there already. */
export interface MarkOptions {
  /** Its message is written anew, where the master has a request that leaves the mark as it is. Default: it keeps its own. */
  readonly retell?: boolean;
  /**
   * The connection of its agent is closed, which has no process any more: half open, it would keep the next one out until the
   * master finds out. Default: it is left.
   */
  readonly disconnect?: boolean;
}

interface NodeToMark extends MarkOptions {
  readonly name: string;
  readonly message: string;
}

const longestMessage = 500;

/**
 * Marks a node offline: the master hands it no new build, a running one goes on. Where the master has a request that
 * only ever sets the mark (Jenkins since 1.481) that is used; Hudson has but a toggle: read, toggle, read back. Raises
 * master-refused where somebody else toggled at the same time: read anew, and try again.
 */
export async function markOffline(session: Session, node: NodeToMark): Promise<MarkResult> {
  const result = await mark(session, node);
  if (node.disconnect === true && result.found !== null) await disconnect(session, node);
  return result;
}

/** Without an agent there is nothing to close, and nothing is refused. */
async function disconnect(session: Session, { name, message }: NodeToMark): Promise<void> {
  try {
    await session.post({
      path: `computer/${segment(name)}/doDisconnect`,
      form: { offlineMessage: message.slice(0, longestMessage) },
      what: `to close the connection of node ${name}`,
    });
  } catch (error) {
    if (!hasCode(error, "not-found")) throw error;
  }
}

async function mark(session: Session, node: NodeToMark): Promise<MarkResult> {
  const { name, message, retell = false } = node;
  const found = await readNode(session, name);
  if (found.computer === null) return resultOf(found, false);
  const isMarked = found.computer.markedOffline;
  if (isMarked && !retell) return resultOf(found, false);
  const offlineMessage = message.slice(0, longestMessage);
  try {
    await session.post({
      path: `computer/${segment(name)}/changeOfflineCause`,
      form: { offlineMessage },
      what: `to mark node ${name} offline`,
    });
    return resultOf(found, true);
  } catch (error) {
    if (!hasCode(error, "not-found")) throw error;
  }
  // A toggle would take the mark away for a moment, in which a build may come.
  if (isMarked) return resultOf(found, false);
  return toggle(session, { name, found, wanted: true, offlineMessage });
}

/** Takes the mark away. Every master has only the toggle for this; see `markOffline` for what it raises. */
export async function bringOnline(session: Session, name: string): Promise<MarkResult> {
  const found = await readNode(session, name);
  if (found.computer?.markedOffline !== true) return resultOf(found, false);
  return toggle(session, { name, found, wanted: false, offlineMessage: "" });
}

interface Toggle {
  readonly name: string;
  readonly found: NodeReading;
  readonly wanted: boolean;
  readonly offlineMessage: string;
}

async function toggle(session: Session, { name, found, wanted, offlineMessage }: Toggle): Promise<MarkResult> {
  try {
    await session.post({
      path: `computer/${segment(name)}/toggleOffline`,
      form: { offlineMessage },
      what: `to mark node ${name} ${wanted ? "offline" : "online"}`,
    });
  } catch (error) {
    if (hasCode(error, "not-found")) return resultOf({ ...found, computer: null }, false);
    throw error;
  }
  const after = await readNode(session, name);
  if (after.computer === null) return resultOf(after, true);
  if (after.computer.markedOffline === wanted) return resultOf(found, true);
  throw new KubestackError(
    "master-refused",
    `Node ${name} of master ${session.master} was toggled by somebody else at the same time; look at it again before anything is done to it.`,
    { retry: "backoff" },
  );
}

function resultOf({ computer, session }: NodeReading, changed: boolean): MarkResult {
  return { found: computer, session, changed };
}
