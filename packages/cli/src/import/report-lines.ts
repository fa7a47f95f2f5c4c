import type { ImportReport, Path, ReportGroup, ReportLine, Verdict } from "@kubestack/import";
import { printPath } from "@kubestack/runtime";
import { fold } from "../text/fold.ts";
import { paint, type Style } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import type { Canvas } from "../text/table.ts";
import { pad, widthOf } from "../text/width.ts";

const styles: Readonly<Record<Verdict, Style | undefined>> = { exact: "dim", changed: "yellow", lost: "red" };
const verdictWidth = 7;
const indent = "  ";
/** A path longer than this has its words on the next line. */
const longestPath = 36;
/** Where there is no terminal, nothing is folded. */
const unfolded = 100_000;

/** A report, and what our own configuration finds wrong with the result. */
export interface TestedReport extends ImportReport {
  readonly faults: readonly string[];
}

/** How a report is shown. */
export interface ReportOptions extends Canvas {
  /** Each field in a line; else those that are exact are counted. */
  readonly all: boolean;
}

/** The report for people: the fields by template; then what holds for all, what is to be done, and the counts. */
export function reportLines({ groups, notes, toDo, counts, faults }: TestedReport, canvas: ReportOptions): string[] {
  const width = canvas.width ?? unfolded;
  const folded = (mark: string, says: string): string[] =>
    fold(plain(says), Math.max(20, width - indent.length - widthOf(mark))).map(
      (line, at) => `${indent}${at === 0 ? mark : " ".repeat(widthOf(mark))}${line}`,
    );
  const section = (head: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [paint(head, "bold", canvas.colour), ...lines.flatMap((line) => folded("- ", line)), ""];
  return [
    ...groups.flatMap((group) => [...groupLines(group, { ...canvas, width }), ""]),
    ...section("for all of them", notes),
    ...section(
      "to be filled in",
      toDo.map(({ path, says }) => `${printPath(path)}: ${says}`),
    ),
    ...section("wrong with the result", faults),
    `${counts.exact} exact, ${counts.changed} changed, ${counts.lost} lost`,
  ];
}

function groupLines(
  { name, path, lines }: ReportGroup,
  { width, colour, all }: { width: number; colour: boolean; all: boolean },
): string[] {
  const at = printPath(path);
  const exact = lines.filter(({ verdict }) => verdict === "exact").length;
  const count = `${indent}${paint(pad("exact", verdictWidth), styles.exact, colour)}  ${exact} ${exact === 1 ? "field" : "fields"}`;
  const told = all ? lines : lines.filter(({ verdict }) => verdict !== "exact");
  const short = told.map((line) => ({ ...line, at: plain(printPath(below(line.path, path))) || "(all of it)" }));
  const column = Math.min(longestPath, Math.max(0, ...short.map((line) => widthOf(line.at))));
  return [
    `${paint(plain(name), "bold", colour)}${at === "" ? "" : `  ${paint(plain(at), "dim", colour)}`}`,
    ...short.flatMap((line) => fieldLines(line, { column, width, colour })),
    ...(all || exact === 0 ? [] : [count]),
  ];
}

function fieldLines(
  { verdict, says, at }: ReportLine & { at: string },
  { column, width, colour }: { column: number; width: number; colour: boolean },
): string[] {
  const left = indent.length + verdictWidth + 2;
  const mark = `${indent}${paint(pad(verdict, verdictWidth), styles[verdict], colour)}  `;
  const words = fold(plain(says), Math.max(24, width - left - column - 2));
  const further = (from: number): string[] =>
    words.slice(from).map((line) => `${" ".repeat(left + column + 2)}${line}`);
  if (widthOf(at) > column) return [`${mark}${at}`, ...further(0)];
  return [`${mark}${pad(at, column)}  ${words[0] ?? ""}`.trimEnd(), ...further(1)];
}

/** A path from its group's on. */
function below(path: Path, group: Path): Path {
  const isBelow = path.length >= group.length && group.every((key, at) => path[at] === key);
  return isBelow ? path.slice(group.length) : path;
}
