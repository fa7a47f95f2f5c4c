/**
 * From what a master wants and has to what is launched: rounds, supply, matching and the ledger, as pure functions.
 * It must never know where a round came from or how a launch is carried out.
 */
export { fits } from "./assign.ts";
export { type ClaimingSlave, type Claims, claimsOf, supplyByCount } from "./claims.ts";
export type { IdleWish } from "./idle.ts";
export {
  isSatisfiedBy,
  isSatisfiedByAbsence,
  type LabelExpression,
  parseLabelExpression,
  printLabelExpression,
} from "./label-expression.ts";
export {
  adopted,
  type Found,
  granted,
  isOfAnotherStore,
  type Launch,
  livingEpoch,
  livingKey,
  livingKeys,
  newLedger,
  released,
  renewed,
  shortened,
  taken,
} from "./ledger.ts";
export { type Flow, matchKinds, type SupplyKind } from "./matching.ts";
export { isYounger, judgeRound, type RoundMark, usableIntervals, type Verdict } from "./round.ts";
export {
  areEqual,
  type Caps,
  cappedResources,
  dominant,
  exceeded,
  largerOf,
  nothing,
  plus,
  sumOf,
} from "./sharing/amounts.ts";
export { type Division, divide, type OtherSharer, type Refusal, type Sharer } from "./sharing/divide.ts";
export { type CapNames, capsOfAll, capsOfMaster, foreignPods, toldRefusal } from "./sharing/told.ts";
export {
  type Decision,
  type LaunchIntent,
  type LaunchStanding,
  type LaunchTemplate,
  type Room,
  type Situation,
  shortfall,
  type TemplateShare,
  type WaitCode,
  type WaitedCap,
  type WaitReason,
} from "./shortfall.ts";
export { launchKind, type Offer, type Offering, offerOf, type Sized, sizeIn, withoutSize } from "./sizes.ts";
export { type KnownSlave, type Stage, type Supply, supplyOf } from "./supply.ts";
export { type WarmLaunch, type WarmShort, type WarmSituation, type WarmWish, warmShortfall } from "./warm.ts";
