import type { DemandSource } from "@kubestack/contracts";

/** Which round of a source was used last. */
export interface RoundMark {
  readonly term: number;
  readonly round: number;
}

/** A round is used only if it is younger than this many of its source's intervals. */
export const usableIntervals = 3;

/** Whether `next` is younger than `known`: a message that comes late or again is dropped. */
export function isYounger(next: RoundMark, known: RoundMark | undefined): boolean {
  if (known === undefined) return true;
  return next.term > known.term || (next.term === known.term && next.round > known.round);
}

/** What a source's newest round is good for: launching from it, or nothing, and why. */
export type Verdict = { readonly usable: true } | { readonly usable: false; readonly reason: string };

/**
 * Whether launches may be decided from a source's round. `publishedAt` and `now` are NATS's times: a round's age is
 * never computed from another machine's clock.
 */
export function judgeRound(
  source: DemandSource,
  at: { publishedAt: number; now: number; intervalMs: number },
): Verdict {
  if (source.state === "unknown") {
    return { usable: false, reason: source.problem?.message ?? `${source.name} does not answer` };
  }
  if (source.queueReadAt < source.readAt) {
    return { usable: false, reason: `${source.name} read its queue before its computers: slaves would count twice` };
  }
  const ageMs = at.now - at.publishedAt;
  if (ageMs > usableIntervals * at.intervalMs) {
    return { usable: false, reason: `the newest round of ${source.name} is ${Math.round(ageMs / 1000)} s old` };
  }
  if (source.quietingDown) return { usable: false, reason: "the master is about to shut down" };
  return { usable: true };
}
