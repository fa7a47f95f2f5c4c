/**
 * What nodes the pods of today need: which pods find no room, which pools to enlarge for them at the least cost, which nodes may go, and which
 * ones go by themselves. All of it is pure, and each decision has its reason.
 * It must never know a cloud, a cluster, NATS or the time: it is told what there is, and says what is to be done.
 */
export type { NodeState, PodKind, PodState, WantedPods } from "./node.ts";
export { decideNotices, type Notice, type NoticeDecision, type NoticeSituation, noticeOf } from "./notices/decide.ts";
export { type NoticeKind, noticeConditions, noticeTaints } from "./notices/known.ts";
export { heldMemory, poolHoldLimits } from "./planning/arrivals.ts";
export { decideCapacity } from "./planning/decide.ts";
export type { Pool, PoolLimits, PoolMemories, Taint } from "./pool.ts";
export { poolOf } from "./pool-of.ts";
export { wantedOf } from "./pressure/wanted.ts";
export { decideRemovals, leavingOf } from "./scale-down/decide.ts";
export type {
  NodeLook,
  ScaleDownDecision,
  ScaleDownIntent,
  ScaleDownSituation,
  SlaveUse,
} from "./scale-down/situation.ts";
export type {
  CapacityDecision,
  CapacitySituation,
  ExpectedArrival,
  PoolTarget,
  Unplaced,
} from "./situation.ts";
