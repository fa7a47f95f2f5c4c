import type { Removal } from "@kubestack/contracts";
import { type NodeState, type PodState, slaveOf } from "../node.ts";
import type { Pool } from "../pool.ts";
import { dispensable, podsByNode, useOf, whyStays } from "./needed.ts";
import type { ScaleDownDecision, ScaleDownIntent, ScaleDownSituation } from "./situation.ts";

/** A node that nothing needs for its pool's delay is on its way out from this step on. */
const leavingSteps: readonly Removal["step"][] = ["cordoned", "withdrawing", "removing"];

/**
 * Which nodes leave, one small step at a time: unneeded for a while; cordoned, so that nothing new comes; its idle slaves withdrawn; and
 * removed by name once a look, begun after it was cordoned, shows that nothing of ours or of others is on it. Whatever speaks against it
 * meanwhile brings it back, as long as its removal was not asked for. Pure: the steps are saved before they are carried out.
 */
export function decideRemovals(situation: ScaleDownSituation): ScaleDownDecision {
  const { pools, nodes } = situation;
  const byNode = podsByNode(situation.pods);
  const before = new Map(situation.removals.map((one) => [one.node, one]));
  const removals: Removal[] = [];
  const intents: ScaleDownIntent[] = [];
  for (const pool of pools) {
    const own = nodes.filter((node) => node.pool === pool.name);
    const walked = own.flatMap((node) => {
      const removal = before.get(node.name);
      if (removal === undefined || removal.step === "unneeded") return [];
      return [walk(removal, { node, pods: byNode.get(node.name) ?? [], situation })];
    });
    const staying = own.filter(({ name }) => !walked.some(({ removal }) => removal?.node === name));
    for (const { removal, intent } of walked) {
      if (removal !== undefined) removals.push(removal);
      intents.push(...intent);
    }
    const left = own.length - staying.length;
    for (const { removal, intent } of beginning(pool, { staying, left, before, byNode, situation })) {
      removals.push(removal);
      intents.push(...intent);
    }
  }
  return { removals, intents };
}

/** How many nodes are on their way out, as against only unneeded. */
export function leavingOf(removals: readonly Removal[]): readonly Removal[] {
  return removals.filter(({ step }) => leavingSteps.includes(step));
}

interface Walked {
  /** Undefined: it stays after all. */
  readonly removal: Removal | undefined;
  readonly intent: readonly ScaleDownIntent[];
}

interface Walker {
  readonly node: NodeState;
  readonly pods: readonly PodState[];
  readonly situation: ScaleDownSituation;
}

/** One step further with a node that was cordoned, or back. */
function walk(removal: Removal, { node, pods, situation }: Walker): Walked {
  const { now, kept, looks, slaves } = situation;
  const of = { node: node.name, pool: removal.pool };
  const { reason } = removal;
  if (removal.step === "removing") return { removal, intent: [{ type: "remove", ...of, reason }] };
  const foreign = pods.find(({ kind }) => kind === "other");
  const against = kept.get(node.name) ?? (foreign && `pod ${foreign.namespace}/${foreign.name} on it is not ours`);
  if (against !== undefined) return { removal: undefined, intent: [{ type: "uncordon", ...of, reason: against }] };
  if (!node.isCordoned) return { removal, intent: [{ type: "cordon", ...of, reason }] };
  const closed: Removal = removal.step === "cordoned" ? { ...removal, step: "withdrawing", since: now } : removal;
  const idle = pods.filter((pod) => pod.kind === "slave" && useOf(slaves, pod) === "idle").map(slaveOf);
  if (idle.length > 0) return { removal: closed, intent: [{ type: "withdraw", ...of, slaves: idle, reason }] };
  // One that took a build goes after it, and one that has begun to start is idle or busy soon.
  if (pods.some(({ kind }) => kind === "slave")) return { removal: closed, intent: [] };
  const look = looks.get(node.name);
  if (look === undefined || look.at <= closed.since)
    return { removal: closed, intent: [{ type: "look", ...of, reason }] };
  if (look.pods.some(({ kind }) => kind === "slave" || kind === "other"))
    return { removal: { ...closed, since: now }, intent: [{ type: "look", ...of, reason }] };
  return { removal: { ...closed, step: "removing", since: now }, intent: [{ type: "remove", ...of, reason }] };
}

interface Staying {
  readonly staying: readonly NodeState[];
  /** Nodes of the pool that are on their way out. */
  readonly left: number;
  readonly before: ReadonlyMap<string, Removal>;
  readonly byNode: ReadonlyMap<string | null, readonly PodState[]>;
  readonly situation: ScaleDownSituation;
}

/** A node that is not ready may be one that comes, or one whose builds run on unseen: it goes only if it is old and empty. */
function mayBeJudged(
  { deliverWithinMs }: Pool,
  { node, own, now }: { readonly node: NodeState; readonly own: readonly PodState[]; readonly now: number },
): boolean {
  if (node.isReady) return true;
  return now - node.createdAt >= deliverWithinMs && own.every(({ kind }) => kind === "daemon");
}

/** Notes which nodes of a pool are unneeded, and cordons those that have been for its delay, as far as its minimum and its budget allow. */
function beginning(
  pool: Pool,
  { staying, left, before, byNode, situation }: Staying,
): (Walked & { removal: Removal })[] {
  const { now, canRemove } = situation;
  if (!canRemove(pool.name)) return [];
  const free = staying.filter((node) => {
    const own = byNode.get(node.name) ?? [];
    // What somebody else cordoned is theirs.
    return !node.isCordoned && mayBeJudged(pool, { node, own, now }) && whyStays(node, own, situation) === undefined;
  });
  let spare = Math.max(0, staying.length - pool.min);
  let budget = Math.max(0, pool.disruptionBudget - left);
  return dispensable(free, situation)
    .slice(0, spare)
    .map(({ name }) => {
      const known = before.get(name);
      const removal: Removal = known ?? { node: name, pool: pool.name, step: "unneeded", since: now, reason: "" };
      if (now - removal.since < pool.scaleDownDelayMs || budget === 0 || spare === 0) return { removal, intent: [] };
      budget -= 1;
      spare -= 1;
      const reason = `nothing has needed it for ${Math.round((now - removal.since) / 1000)} s`;
      const cordoned: Removal = { ...removal, step: "cordoned", since: now, reason };
      return { removal: cordoned, intent: [{ type: "cordon", node: name, pool: pool.name, reason }] };
    });
}
