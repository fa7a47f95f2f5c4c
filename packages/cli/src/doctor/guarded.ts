import { sentenceOf } from "@kubestack/contracts";
import { type Area, type Finding, findingsOf } from "./finding.ts";

/** How long one group of checks may take, in milliseconds. */
export const checkMs = 25_000;

/** How a group of checks is bounded. */
export interface Bounds {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Default `checkMs`. */
  readonly timeoutMs?: number;
}

/** Runs one group of checks so that nothing it does can hide the others: what it throws, or its silence, is a finding. */
export async function guarded(
  area: Area,
  check: () => Promise<readonly Finding[]>,
  { signal, timeoutMs = checkMs }: Bounds,
): Promise<readonly Finding[]> {
  const { fail } = findingsOf(area);
  const over = Promise.withResolvers<readonly Finding[]>();
  const stop = (): void => over.resolve([fail("not examined: it was interrupted")]);
  const timer = setTimeout(
    () => over.resolve([fail(`gave no answer within ${timeoutMs / 1000} s`, "see whether it is overloaded")]),
    timeoutMs,
  );
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([check(), over.promise]);
  } catch (error) {
    return [fail(sentenceOf(error))];
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
