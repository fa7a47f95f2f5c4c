import { fold } from "../text/fold.ts";
import { printSecond } from "../text/local-time.ts";
import { paint } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import type { Canvas } from "../text/table.ts";
import type { Explanation } from "./explanation.ts";

/** The answer for people: the sentence, then a line for each piece of evidence, folded and never cut. */
export function linesOf({ sentence, evidence, next }: Explanation, canvas: Canvas, now: number): string[] {
  const rows = evidence.map(({ at, fact }) => ({ head: at === null ? "" : printSecond(at, now), text: fact }));
  const all = next === null ? rows : [...rows, { head: "next", text: next }];
  const heads = all.reduce((most, { head }) => Math.max(most, head.length), 0);
  const indent = heads + 4;
  const body = all.flatMap(({ head, text }) => {
    const lines = folded(plain(text), canvas.width === undefined ? undefined : Math.max(20, canvas.width - indent));
    return lines.map((line, at) => {
      const shown = (at === 0 ? head : "").padEnd(heads);
      return `  ${paint(shown, head === "next" ? "bold" : "dim", canvas.colour)}  ${line}`.trimEnd();
    });
  });
  return [...folded(plain(sentence), canvas.width).map((line) => paint(line, "bold", canvas.colour)), ...body];
}

function folded(text: string, width: number | undefined): string[] {
  return width === undefined ? [text] : fold(text, width);
}
