import { clip, paint, type Tone } from "./text.ts";

/** A cell; plain text has no tone. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

export interface TableLook {
  /** Columns of the terminal that may be used; Infinity where lines may be as long as they like. */
  readonly width: number;
  readonly colour: boolean;
}

const gap = "  ";
/** A column is not made narrower than this while another one is wider. */
const narrowest = 6;

/** A table as lines, none wider than asked for: the widest columns give way first. Amounts stand to the right. */
export function renderTable(header: readonly string[], rows: readonly (readonly Cell[])[], look: TableLook): string[] {
  const titles: readonly Cell[] = header.map((text) => ({ text, tone: "dim" }));
  const lines = [titles, ...rows];
  const widths = fit(
    header.map((_, column) => Math.max(...lines.map((line) => [...textOf(line[column])].length))),
    look.width,
  );
  const right = header.map((_, column) => isAmounts(rows.map((row) => textOf(row[column]))));
  return lines.map((line) => renderLine(line, { widths, right, look }));
}

function textOf(cell: Cell | undefined): string {
  return cell === undefined ? "" : typeof cell === "string" ? cell : cell.text;
}

function isAmounts(texts: readonly string[]): boolean {
  return texts.every((text) => /^(?:\d[\dhms.]*|–)$/.test(text)) && texts.some((text) => text !== "–");
}

function fit(wanted: readonly number[], width: number): number[] {
  const widths = [...wanted];
  const total = (): number => widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1));
  while (total() > width) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

interface LineShape {
  readonly widths: readonly number[];
  readonly right: readonly boolean[];
  readonly look: TableLook;
}

function renderLine(line: readonly Cell[], { widths, right, look }: LineShape): string {
  let room = look.width;
  const parts: string[] = [];
  for (const [column, width] of widths.entries()) {
    const cell = line[column];
    const isLast = column === widths.length - 1;
    const text = clip(textOf(cell), width);
    const missing = " ".repeat(width - [...text].length);
    const padded = right[column] ? missing + text : isLast ? text : text + missing;
    const shown = [...(column === 0 ? padded : gap + padded)].slice(0, room).join("");
    room -= [...shown].length;
    parts.push(look.colour && cell !== undefined && typeof cell !== "string" ? paint(shown, cell.tone) : shown);
  }
  return parts.join("").trimEnd();
}
