import { KubestackError } from "@kubestack/contracts";
import type { Result } from "./job.ts";
import { isOffline, type MasterNode, type NodeSpec, newNode } from "./node.ts";
import { type EndedBy, type MasterState, tell, type Work } from "./state.ts";
import { busyExecutors, endWork, refreshNode, resume } from "./work.ts";

/** The node of that name; raises not-found. `(built-in)` and `(master)` are the master's own. */
export function nodeNamed(state: MasterState, name: string): MasterNode {
  const node = name === "(built-in)" || name === "(master)" ? state.builtIn : state.nodes.get(name);
  if (node !== undefined) return node;
  throw new KubestackError("not-found", `No such agent: ${name}`, { retry: "never" });
}

/**
 * Adds a node; the answer is the time at which whoever asked is answered, since it costs the queue's lock. Raises
 * already-exists, and master-refused for a bad name.
 */
export function createNode(state: MasterState, spec: NodeSpec): number {
  const node = newNode(spec);
  if (state.nodes.has(node.name)) {
    throw new KubestackError("already-exists", `Agent called ‘${node.name}’ already exists`, { retry: "never" });
  }
  addNode(state, node);
  return takeLock(state);
}

/** Adds what was made already. */
export function addNode(state: MasterState, node: MasterNode): void {
  state.nodes.set(node.name, node);
  state.labels.add(node);
  refreshNode(state, node);
  tell(state, { kind: "node-created", node: node.name });
}

/** Removes a node and with it what it runs. The answer is when whoever asked is answered. Raises not-found. */
export function deleteNode(state: MasterState, name: string): number {
  const node = state.nodes.get(name);
  if (node === undefined) throw new KubestackError("not-found", `No such agent: ${name}`, { retry: "never" });
  const beginMs = Math.max(state.nowMs, state.lockFreeAtMs);
  if (beginMs === state.nowMs) removeNode(state, node, "node-deleted");
  else state.timeline.at(beginMs, () => removeNode(state, node, "node-deleted"));
  return takeLock(state);
}

/**
 * The node is gone. Its builds die with the channel; a pipeline's block is cut off only after the time that its node
 * has to come back, but it is lost from this moment on.
 */
export function removeNode(state: MasterState, node: MasterNode, by: EndedBy): void {
  if (state.nodes.get(node.name) !== node) return;
  state.nodes.delete(node.name);
  state.labels.remove(node);
  const wasConnected = node.connectedAtMs !== null;
  node.connectedAtMs = null;
  refreshNode(state, node);
  if (wasConnected) tell(state, { kind: "agent-offline", node: node.name });
  tell(state, { kind: "node-deleted", node: node.name });
  for (const { executor, work } of busyExecutors(node)) {
    if (!executor.hasPicked) continue; // it goes back to the queue by itself
    tell(state, { kind: "killed", node: node.name, work, by });
    if (work.part.startsWith("block")) {
      work.place = null;
      state.timeline.at(state.nowMs + state.settings.nodeTimeoutMs, () => endWork(state, work, { by }));
    } else endWork(state, work, { by });
  }
}

/** Sets the mark, or its message anew: idempotent, unlike the toggle. What runs goes on. */
export function markOffline(state: MasterState, name: string, mark: { message: string; user: string }): void {
  const node = nodeNamed(state, name);
  node.mark = { ...mark, atMs: state.nowMs };
  refreshNode(state, node);
  tell(state, { kind: "marked-offline", node: node.name });
}

export function bringOnline(state: MasterState, name: string): void {
  const node = nodeNamed(state, name);
  node.mark = null;
  refreshNode(state, node);
  tell(state, { kind: "marked-online", node: node.name });
}

/** An agent attaches. Raises not-found, and already-exists while another one is attached. */
export function connectAgent(state: MasterState, name: string): void {
  const node = nodeNamed(state, name);
  if (node.connectedAtMs !== null) {
    throw new KubestackError("already-exists", `${name} is already connected to this controller`, { retry: "backoff" });
  }
  node.connectedAtMs = state.nowMs;
  refreshNode(state, node);
  tell(state, { kind: "agent-online", node: node.name });
  for (const { work } of busyExecutors(node)) resume(state, work);
}

/**
 * The channel is gone, with the agent's process or by the network. Builds fail with it; a pipeline's block waits for it, as
 * long as for a node that was removed.
 */
export function disconnectAgent(state: MasterState, name: string): void {
  const node = state.nodes.get(name);
  if (node === undefined || node.connectedAtMs === null) return;
  node.connectedAtMs = null;
  node.lostAtMs = state.nowMs;
  refreshNode(state, node);
  tell(state, { kind: "agent-offline", node: node.name });
  if (node.isEphemeral) {
    removeNode(state, node, "agent-lost");
    return;
  }
  for (const { executor, work } of busyExecutors(node)) {
    if (!executor.hasPicked) continue;
    if (work.part.startsWith("block")) giveUpLater(state, node, work);
    else loseWork(state, node, { work, result: "FAILURE" });
  }
}

/** What it runs asks for its agent, and gives it up in time, whether or not the node is removed meanwhile. */
function giveUpLater(state: MasterState, node: MasterNode, work: Work): void {
  const { lostAtMs } = node;
  state.timeline.at(state.nowMs + state.settings.nodeTimeoutMs, () => {
    if (node.connectedAtMs !== null || node.lostAtMs !== lostAtMs || work.endedAtMs !== null) return;
    if (work.place?.node === node) loseWork(state, node, { work, result: "ABORTED" });
    // That it was killed is told already.
    else if (state.nodes.get(node.name) !== node) endWork(state, work, { by: "agent-lost" });
  });
}

function loseWork(state: MasterState, node: MasterNode, of: { work: Work; result: Result }): void {
  tell(state, { kind: "killed", node: node.name, work: of.work, by: "agent-lost" });
  endWork(state, of.work, { by: "agent-lost", result: of.result });
}

/** A node as configuration as code names it. */
export type ConfiguredNode = NodeSpec & { readonly name: string };

/**
 * Applies a list of permanent nodes as configuration as code does: each is made or made anew (its mark stays), and every
 * other one is dropped under whatever it runs, except those that the plugin was told to keep, where it knows the property.
 */
export function reloadNodes(state: MasterState, configured: readonly ConfiguredNode[]): void {
  const named = new Set(configured.map((spec) => spec.name));
  for (const node of [...state.nodes.values()]) {
    const isKept = node.isEphemeral || (node.isKept && state.settings.knowsKeepProperty);
    if (!named.has(node.name) && !isKept) removeNode(state, node, "configuration-reload");
  }
  for (const spec of configured) if (!state.nodes.has(spec.name)) addNode(state, newNode(spec));
  takeLock(state);
  tell(state, { kind: "configuration-reloaded" });
}

/** Whether an inbound agent may attach as this node now. */
export function isFreeForAgent(node: MasterNode): boolean {
  return !node.isBuiltIn && node.connectedAtMs === null;
}

/** Whether the node shows online: connected and not marked. */
export function isOnline(node: MasterNode): boolean {
  return !isOffline(node);
}

/** Holds the queue's lock for the cost of one change of the nodes, after those that wait for it; its end. */
function takeLock(state: MasterState): number {
  const beginMs = Math.max(state.nowMs, state.lockFreeAtMs);
  state.lockFreeAtMs = beginMs + state.settings.nodeLockMs;
  return state.lockFreeAtMs;
}
