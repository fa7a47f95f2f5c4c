import type { PodNeeds } from "@kubestack/contracts";
import type { NodeState } from "../node.ts";
import { noticeOf } from "../notices/decide.ts";
import { Acceptance } from "../placing/acceptance.ts";
import type { Waiting } from "../placing/fill.ts";
import { kindsOf, measuredIn, selectedKeys } from "../placing/kinds.ts";
import { Space } from "../placing/space.ts";
import { Topology } from "../placing/topology.ts";
import type { Pool } from "../pool.ts";
import { freshGrounds, groundsOf } from "../pressure/grounds.ts";
import { unscheduled } from "../pressure/wanted.ts";
import type { CapacitySituation } from "../situation.ts";
import { holdAt, type PoolStanding, placesOf } from "./arrivals.ts";
import type { Offer } from "./buy.ts";
import { daemonsOn, freshNodeOf } from "./fresh-node.ts";

/** What Kubernetes itself puts on a node that is cordoned. */
const cordonTaint = "node.kubernetes.io/unschedulable";

/** All that is decided from, in the form in which it is reckoned with. */
export function surveyed(situation: CapacitySituation, stands: readonly PoolStanding[]) {
  const { pools, nodes, pods, wanted, removals = [], now } = situation;
  const allWanted = [...wanted, ...unscheduled(pods)];
  const choosy = new Set([...allWanted, ...pods].map(({ needs }) => needs).filter(isChoosy));
  const kinds = kindsOf(allWanted, selectedKeys(choosy));
  const space = new Space(kinds.map(({ needs }) => needs.requests));
  const topology = new Topology(choosy);
  const rules = { topology, acceptance: new Acceptance(kinds.map(({ needs }) => needs)) };
  const waiting: Waiting[] = measuredIn(space, kinds)
    .toSorted((a, b) => sizeOf(b.ask) - sizeOf(a.ask))
    .map((kind) => ({ kind, placed: 0 }));
  const returnable = new Set(removals.filter(({ step }) => step !== "removing").map(({ node }) => node));
  const gone = new Set(removals.filter(({ step }) => step === "removing").map(({ node }) => node));
  const isLeaving = ({ name, isCordoned }: NodeState) => isCordoned && returnable.has(name);
  const usable = nodes.filter((node) => node.isReady && !gone.has(node.name) && noticeOf(node) === undefined);
  const daemons = situation.daemons ?? daemonsOn(nodes, pods);
  const offers = pools.map((pool, at): Offer => {
    const standing = stands[at] as PoolStanding;
    return { pool, fresh: freshNodeOf(pool, standing.memory, daemons), most: mostOf(pool, standing, now) };
  });
  const present = groundsOf(
    usable.filter(({ isCordoned }) => !isCordoned),
    pods,
    { space, topology },
  );
  const leaving = groundsOf(usable.filter(isLeaving).map(uncordoned), pods, { space, topology });
  const coming = offers.map(({ pool, fresh }, at) => {
    const { present: ready, coming: asked, memory } = stands[at] as PoolStanding;
    const isHeld = holdAt(memory, now) !== null;
    const free = Math.max(0, pool.max - placesOf(stands[at] as PoolStanding) - asked);
    const missing = isHeld ? 0 : Math.min(free, Math.max(0, pool.min - ready.length - asked));
    const names = Array.from({ length: asked + missing }, (_none, index) => `${pool.name} (coming ${index + 1})`);
    return freshGrounds(fresh, space, names);
  });
  const offered = offers.map((offer, at) => ({
    ...offer,
    most: Math.max(0, offer.most - ((coming[at]?.length ?? 0) - (stands[at] as PoolStanding).coming)),
  }));
  return { waiting, rules, space, offers: offered, present, leaving, coming };
}

/** Whether it asks anything of where other pods are. */
function isChoosy({ apart = [], spread = [] }: PodNeeds): boolean {
  return apart.length + spread.length > 0;
}

function uncordoned(node: NodeState): NodeState {
  return { ...node, taints: node.taints.filter(({ key }) => key !== cordonTaint) };
}

/** Of a pool that failed one node is tried before more. */
function mostOf(pool: Pool, standing: PoolStanding, now: number): number {
  const { memory, coming } = standing;
  if (holdAt(memory, now) !== null) return 0;
  const free = Math.max(0, pool.max - placesOf(standing) - coming);
  return memory.failures === 0 ? free : Math.min(free, Math.max(0, 1 - coming));
}

/** One number for how large a pod is, whatever it is large in. */
function sizeOf(ask: Float64Array): number {
  return ask.reduce((sum, one) => sum + Math.log1p(one), 0);
}
