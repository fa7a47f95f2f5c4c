import { commands } from "@kubestack/contracts";
import { drain } from "./drain.ts";
import { hold, release } from "./hold.ts";
import type { MasterScope } from "./master-scope.ts";

/** Answers what people ask of single slaves. Returns what ends each. */
export function answerAboutSlaves(scope: MasterScope): (() => void)[] {
  const { service, name } = scope.options;
  return [
    service.answer(commands.drainSlave, (request) => drain(scope, request), name),
    service.answer(commands.holdSlave, (request) => hold(scope, request), name),
    service.answer(commands.releaseSlave, (request) => release(scope, request), name),
  ];
}
