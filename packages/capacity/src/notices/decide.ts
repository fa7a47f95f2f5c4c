import { type NodeState, type PodState, slaveOf, type WantedPods } from "../node.ts";
import { useOf } from "../scale-down/needed.ts";
import type { SlaveUse } from "../scale-down/situation.ts";
import { type NoticeKind, noticeConditions, noticeTaints, noticeWords } from "./known.ts";

/** A node goes by itself, whatever we want. */
export interface Notice {
  readonly node: string;
  readonly kind: NoticeKind;
  /** Such as `node n1: its machine is taken back (aws-node-termination-handler/spot-itn, by aws-node-termination-handler)`. */
  readonly reason: string;
}

export interface NoticeSituation {
  readonly nodes: readonly NodeState[];
  readonly pods: readonly PodState[];
  readonly slaves: ReadonlyMap<string, SlaveUse>;
}

export interface NoticeDecision {
  readonly notices: readonly Notice[];
  /** Slaves without a build: they leave at once, by the mark and two looks, so that none gets a build that would be lost. */
  readonly withdraw: readonly { readonly slave: string; readonly node: string; readonly reason: string }[];
  /** Slaves with a build: who waits for it is to be told. */
  readonly endangered: readonly { readonly slave: string; readonly node: string; readonly reason: string }[];
  /** What will be needed once these slaves are gone: to be counted with what is wanted, so that its node is there before. */
  readonly successors: readonly WantedPods[];
}

/** Whether a node goes by itself, as its taints and conditions say; undefined where nothing says so. */
export function noticeOf({ name: node, taints, conditions = [] }: NodeState): Notice | undefined {
  const known =
    noticeTaints.find(({ key, value }) =>
      taints.some((taint) => taint.key === key && (value === undefined || taint.value === value)),
    ) ?? noticeConditions.find(({ key }) => conditions.includes(key));
  if (known === undefined) return undefined;
  const { kind, key, by } = known;
  return { node, kind, reason: `node ${node}: ${noticeWords[kind]} (${key}, by ${by})` };
}

/** What follows from nodes that go by themselves, and from pods that are disrupted where nothing is known of their node. Pure. */
export function decideNotices({ nodes, pods, slaves }: NoticeSituation): NoticeDecision {
  const notices = nodes.flatMap((node) => noticeOf(node) ?? []);
  const going = new Map(notices.map((notice) => [notice.node, notice.reason]));
  const concerned = pods.flatMap((pod) => {
    const { kind, node, needs, disruption, isEnding } = pod;
    const own = disruption === undefined ? undefined : `its pod is disrupted (${disruption})`;
    const reason = (node === null ? undefined : going.get(node)) ?? own;
    if (kind !== "slave" || node === null || reason === undefined || isEnding === true) return [];
    return [{ slave: slaveOf(pod), node, reason, needs, use: useOf(slaves, pod) }];
  });
  const told = (some: typeof concerned) => some.map(({ slave, node, reason }) => ({ slave, node, reason }));
  return {
    notices,
    withdraw: told(concerned.filter(({ use }) => use === "idle" || use === "starting")),
    endangered: told(concerned.filter(({ use }) => use === "busy")),
    successors: concerned
      .filter(({ use }) => use !== "leaving")
      .map(({ slave, needs }) => ({ needs, names: [`successor of ${slave}`] })),
  };
}
