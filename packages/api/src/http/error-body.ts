import { type ErrorCode, hasCode, KubestackError, sentenceOf } from "@kubestack/contracts";
import { z } from "zod";
import type { Answer } from "./route.ts";

/** What every request that can't be answered is told: a code to branch on, and one sentence that says what to do. */
export const errorBodySchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** What is wrong with the request itself; or `internal`, which the log tells of. */
export type RequestFault = "invalid-request" | "not-found" | "too-many" | "internal";

/** A refusal with its code and sentence. */
export function refused(status: number, code: RequestFault | ErrorCode, message: string): Answer {
  return { status, body: { error: { code, message } } satisfies z.infer<typeof errorBodySchema> };
}

/** By which status each failure is told; all others are faults of ours. */
const statuses: Partial<Readonly<Record<ErrorCode, number>>> = { "not-found": 404, "bus-unavailable": 503 };

/** What was raised, as an answer; undefined for what nobody foresaw, whose sentence is for the log alone. */
export function refusalFor(error: unknown): Answer | undefined {
  if (!(error instanceof KubestackError)) return undefined;
  const status = statuses[error.code];
  if (status === undefined) return undefined;
  return refused(status, error.code, hasCode(error, "not-found") ? error.message : sentenceOf(error));
}
