import { type ExpectedStart, type ExplanationMessage, mostEvidence, utcInstant } from "@kubestack/contracts";
import type { ExpectedOnline } from "./expected-online.ts";
import type { Evidence, Explanation } from "./explanation.ts";

/** A text longer than this many characters is cut: what a master or a registry writes may be of any length. */
const longestText = 8192;

/** An explanation as everybody is given it, whoever asks and by whatever way; `now` is when it was made, in milliseconds. */
export function toldExplanation(explanation: Explanation, now: number): ExplanationMessage {
  const { kind, name, master, sentence, evidence, next, expected } = explanation;
  return {
    kind,
    name: cut(name),
    master,
    sentence: cut(sentence),
    evidence: firstOf(evidence).map(({ at, fact }) => ({ at: utcInstant(at), fact: cut(fact) })),
    next: next === null ? null : cut(next),
    expected: toldStart(expected),
    asOf: utcInstant(now) ?? "1970-01-01T00:00:00.000Z",
  };
}

function firstOf(evidence: readonly Evidence[]): readonly Evidence[] {
  if (evidence.length <= mostEvidence) return evidence;
  const shown = evidence.slice(0, mostEvidence - 1);
  return [...shown, { at: null, fact: `${evidence.length - shown.length} more facts are left out` }];
}

function toldStart(expected: ExpectedOnline | undefined): ExpectedStart | null {
  if (expected === undefined) return null;
  if (expected.kind === "late") return expected;
  const [p50, p95] = [utcInstant(expected.p50), utcInstant(expected.p95)];
  return p50 === null || p95 === null ? null : { kind: "likely", p50, p95, of: expected.of };
}

function cut(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
}
