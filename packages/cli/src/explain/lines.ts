import type { ExplanationMessage } from "@kubestack/contracts";
import { fold } from "../text/fold.ts";
import { localTimes, printSecond } from "../text/local-time.ts";
import { paint } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import type { Canvas } from "../text/table.ts";

/** The answer for people: the sentence, then a line for each piece of evidence, folded and never cut, in the terminal's own time. */
export function linesOf({ sentence, evidence, next }: ExplanationMessage, canvas: Canvas, now: number): string[] {
  const rows = evidence.map(({ at, fact }) => ({
    head: at === null ? "" : printSecond(Date.parse(at), now),
    text: fact,
  }));
  const all = next === null ? rows : [...rows, { head: "next", text: next }];
  const heads = all.reduce((most, { head }) => Math.max(most, head.length), 0);
  const indent = heads + 4;
  const body = all.flatMap(({ head, text }) => {
    const width = canvas.width === undefined ? undefined : Math.max(20, canvas.width - indent);
    const lines = folded(plain(localTimes(text, now)), width);
    return lines.map((line, at) => {
      const shown = (at === 0 ? head : "").padEnd(heads);
      return `  ${paint(shown, head === "next" ? "bold" : "dim", canvas.colour)}  ${line}`.trimEnd();
    });
  });
  const first = folded(plain(localTimes(sentence, now)), canvas.width);
  return [...first.map((line) => paint(line, "bold", canvas.colour)), ...body];
}

function folded(text: string, width: number | undefined): string[] {
  return width === undefined ? [text] : fold(text, width);
}
