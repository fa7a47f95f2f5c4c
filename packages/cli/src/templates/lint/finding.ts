import { fold } from "../../text/fold.ts";
import { paint, type Style } from "../../text/paint.ts";
import { plain } from "../../text/plain.ts";
import type { Canvas } from "../../text/table.ts";
import { pad, widthOf } from "../../text/width.ts";

/** What was found of a template: it is well, a person should know something, or it can't be launched as it is. */
export interface LintFinding {
  readonly level: "ok" | "WARN" | "FAIL";
  /** Null: of the whole file. */
  readonly template: string | null;
  readonly sentence: string;
}

const styles: Readonly<Record<LintFinding["level"], Style>> = { ok: "green", WARN: "yellow", FAIL: "red" };
const levelCells = 4;
const widestName = 30;
const gap = "  ";

/** The findings for people, a sentence each, folded to the terminal and never cut. */
export function lintLines(findings: readonly LintFinding[], { width, colour }: Canvas): string[] {
  const nameCells = Math.min(widestName, Math.max(0, ...findings.map(({ template }) => widthOf(template ?? ""))));
  const left = levelCells + gap.length + nameCells + gap.length;
  return findings.flatMap(({ level, template, sentence }) => {
    // The faults of a file stand one below the other already.
    if (template === null) return sentence.split("\n");
    const lines = width === undefined ? [plain(sentence)] : fold(plain(sentence), Math.max(20, width - left));
    return lines.map((line, at) => {
      if (at > 0) return `${" ".repeat(left)}${line}`;
      return `${paint(level.padEnd(levelCells), styles[level], colour)}${gap}${pad(plain(template ?? ""), nameCells)}${gap}${line}`;
    });
  });
}

/** The closing line: `1 failed, 2 warnings`. */
export function lintSummary(findings: readonly LintFinding[]): string {
  const count = (level: LintFinding["level"]): number => findings.filter((one) => one.level === level).length;
  const warnings = count("WARN");
  return `${count("FAIL")} failed, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
}
