/**
 * The life of one slave, decided: a pure machine, its clocks, its name, and what is due in each state.
 * It must never know how a pod is made, a master is spoken to, or a record is kept.
 */

export { isNewBuild } from "./changes.ts";
export {
  clockTable,
  type Deadline,
  deadlinesOf,
  fixedLimits,
  needsMaster,
  passedDeadline,
  startsAnew,
} from "./deadlines.ts";
export type { Clock, SlaveEvent, SlaveEventType } from "./events.ts";
export { failureOf, isPastMending } from "./failures.ts";
export { isHeld, refusedHold, toldHold } from "./holding.ts";
export {
  type AskedBuilds,
  type Intent,
  type IntentType,
  lookSpacingMs,
  looksNeeded,
  mayBeAwaited,
  outstanding,
  type PodDeletion,
} from "./intents.ts";
export {
  entryOf,
  isAllGone,
  isAwaiting,
  isLastBuild,
  isLostPodThere,
  isPodAlive,
  isPodKept,
  mayHaveNode,
  newLife,
  stepsOf,
  trailLimit,
} from "./life.ts";
export { lifecyclePage } from "./lifecycle-page.ts";
export { slaveMachine } from "./machine.ts";
export { base32, epochOf, masterPart, parseSlaveName, slaveName } from "./names.ts";
export { mayBeBack } from "./relaunching.ts";
export { remedyOf } from "./remedies.ts";
export { isRestart, sessionSeen } from "./restarts.ts";
export { type PodRetention, retentionOf } from "./retaining.ts";
export { begin, type Step, step } from "./step.ts";
