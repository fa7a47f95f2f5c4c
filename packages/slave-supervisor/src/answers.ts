import { commands, type Hold } from "@kubestack/contracts";
import { drain } from "./drain.ts";
import { forgetMaster } from "./forget-master.ts";
import { hold, release } from "./hold.ts";
import { liftHold } from "./lift-hold.ts";
import type { MasterScope } from "./master-scope.ts";
import { orderMaster } from "./order-master.ts";
import { tellTemplate } from "./tell-template.ts";

/** What answers are made with, besides what all parts of a master's supervisor share. */
export interface AnswerTools {
  /** Does something between two launches. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** What is held back at an instant. */
  readonly holds: (now: number) => readonly Hold[];
}

/** Answers what people ask of a master and its slaves. Returns what ends each. */
export function answerPeople(scope: MasterScope, { inTurn, holds }: AnswerTools): (() => void)[] {
  const { service, name } = scope.options;
  return [
    service.answer(commands.drainSlave, (request) => drain(scope, request), name),
    service.answer(commands.holdSlave, (request) => hold(scope, request), name),
    service.answer(commands.releaseSlave, (request) => release(scope, request), name),
    service.answer(commands.runningTemplate, (request) => tellTemplate(scope, request), name),
    service.answer(commands.liftHold, (request) => inTurn(() => liftHold(scope, request, holds)), name),
    service.answer(commands.forgetMaster, (request) => inTurn(() => forgetMaster(scope, request)), name),
    service.answer(commands.orderMaster, (request) => inTurn(() => orderMaster(scope, request)), name),
  ];
}
