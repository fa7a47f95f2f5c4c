import type { SlaveEventMessage } from "@kubestack/contracts";
import { timeOfDay } from "../terminal/text.ts";
import type { BuildNews } from "./board.ts";

/** A slave's step as one line for people. */
export function slaveLine({ at, state, slave, template, reason }: SlaveEventMessage): string {
  return `${timeOfDay(at)} ${state.padEnd(9)} ${slave}  ${template.padEnd(6)}  ${reason}`;
}

/** A build's step as one line for people. */
export function buildLine({ at, job, text }: BuildNews): string {
  return `${timeOfDay(at)} build     ${job} ${text}`;
}
