import { sentenceOf } from "@kubestack/contracts";
import type { Terminal } from "../context.ts";
import { plain } from "../text/plain.ts";

/** What a verb that judges came to. */
export type Judgement = "nothing found" | "found";

/** Exit codes of verbs that judge, as of diff(1): what is not judged must not look like a judgement. */
export const judgementCodes = { "nothing found": 0, found: 1, "not judged": 2 } as const;

/** Judges; what keeps it from that is one sentence, and an exit code of its own. */
export async function judged(terminal: Terminal, judge: () => Promise<Judgement>): Promise<0 | 1 | 2> {
  try {
    return judgementCodes[await judge()];
  } catch (error) {
    const sentence = sentenceOf(error);
    terminal.err(`kubestackcmd: ${sentence.includes("\n") ? sentence : plain(sentence)}\n`);
    return judgementCodes["not judged"];
  }
}
