/**
 * Why a build waits, what a slave does, how a label is served and how a master stands: told from what was seen, with evidence.
 * It must never know how anything was read, who asks, or how an answer is shown.
 */
export { type ExpectedOnline, expectedOnline } from "./answer/expected-online.ts";
export { type Evidence, type Explanation, explanationOf, type Question } from "./answer/explanation.ts";
export { toldExplanation } from "./answer/told.ts";
export { masterNames } from "./seen/master-names.ts";
export {
  type MasterStanding,
  type MasterState,
  ownerOf,
  roundAgeMs,
  standingOf,
  statusOf,
} from "./seen/master-state.ts";
export { mergedStatus } from "./seen/merged-status.ts";
export {
  type KeptDemand,
  type NewestRound,
  type Observation,
  observationOf,
  type Reading,
  type ServiceAnswer,
  type ServiceProcess,
} from "./seen/observation.ts";
export { decidedPools } from "./seen/pools-reply.ts";
export { type NotOurs, type WaitGroup, type Waiting, waitingOf } from "./seen/waiting.ts";
export { type SlaveView, viewOf } from "./slaves/slave-view.ts";
export { waitsOn } from "./slaves/waits-on.ts";
export { printAge, printSpan } from "./words/age.ts";
export { buildName, nameBuilds } from "./words/build-name.ts";
