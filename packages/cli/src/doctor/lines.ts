import { fold } from "../text/fold.ts";
import { paint, type Style } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import type { Canvas } from "../text/table.ts";
import type { Finding, Level } from "./finding.ts";

const styles: Readonly<Record<Level, Style>> = { ok: "green", WARN: "yellow", FAIL: "red" };
const levelCells = 4;
const areaCells = 7;

/** One finding for people, with what to do below it; folded to the terminal, and never cut. */
export function linesOf({ level, area, sentence, fix }: Finding, canvas: Canvas): string[] {
  const row = (head: string, word: string, text: string): string[] =>
    folded(plain(text), canvas).map((line, at) => {
      const [left, middle] = at === 0 ? [head, word] : ["", ""];
      const shown = paint(left.padEnd(levelCells), left === "" ? undefined : styles[level], canvas.colour);
      return `${shown}  ${middle.padEnd(areaCells)}  ${line}`.trimEnd();
    });
  return [...row(level, area, sentence), ...fix.flatMap((line) => row("", "fix", line))];
}

function folded(text: string, { width }: Canvas): string[] {
  return width === undefined ? [text] : fold(text, Math.max(20, width - levelCells - areaCells - 4));
}
