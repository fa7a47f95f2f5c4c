import { hasCode, type ServiceStatus, sentenceOf } from "@kubestack/contracts";
import { mergedStatus } from "./merged-status.ts";
import type { ServiceAnswer } from "./observation.ts";

const absent: ServiceAnswer = { state: "absent", detail: "nobody answers" };

/** What all processes of a service answered, as one. */
export function answerOf(statuses: readonly ServiceStatus[]): ServiceAnswer {
  const status = mergedStatus(statuses);
  if (status === undefined) return absent;
  return { state: "ok", status, processes: statuses.map(({ process, version }) => ({ process, version })) };
}

/** What asking the processes of a service raised, as an answer: one that does not answer is part of what is seen. */
export function answerFor(error: unknown): ServiceAnswer {
  if (hasCode(error, "bus-unavailable")) return absent;
  return { state: "faulty", detail: `its answer can't be used: ${sentenceOf(error)}` };
}
