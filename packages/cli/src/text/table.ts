import { paint, type Style } from "./paint.ts";
import { plain } from "./plain.ts";
import { cut, pad, widthOf } from "./width.ts";

/** One column of a table for people. */
export interface Column<Row> {
  readonly head: string;
  /** What stands in it; nothing shows as `–`. */
  readonly cell: (row: Row) => string | null;
  /** Numbers stand at the right. */
  readonly align?: "left" | "right";
  /** Never cut: it is copied into other commands, or short anyway. */
  readonly keep?: boolean;
  readonly style?: (row: Row) => Style | undefined;
}

/** What a table is drawn for. */
export interface Canvas {
  /** Cells of the terminal; undefined where there is none and nothing is cut. */
  readonly width: number | undefined;
  readonly colour: boolean;
}

const gap = "  ";
/** A column is cut down to this many cells and no further. */
const narrowest = 6;

/**
 * The lines of a table without boxes, as wide as its content. Where the terminal is narrower, the widest column is cut
 * first; no line ever wraps. A library would bring boxes and wrapping to switch off; this is all that is needed.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], canvas: Canvas): string[] {
  const cells = rows.map((row) => columns.map((column) => plain(column.cell(row) ?? "") || "–"));
  const widths = fitted(columns, cells, canvas.width);
  const line = (texts: readonly string[], style: (at: number) => Style | undefined): string => {
    const shown = columns.map(({ align }, at) => {
      const width = widths[at] ?? 0;
      const text = cut(texts[at] ?? "", width);
      const filled = at === columns.length - 1 && align !== "right" ? text : pad(text, width, opposite(align));
      return { text: filled, style: style(at) };
    });
    return drawn(shown, canvas);
  };
  const head = line(
    columns.map((column) => column.head),
    () => "bold",
  );
  return [head, ...rows.map((row, index) => line(cells[index] ?? [], (at) => columns[at]?.style?.(row)))];
}

function opposite(align: "left" | "right" | undefined): "left" | "right" {
  return align === "right" ? "left" : "right";
}

/** Painted only now: colours take no cells. A line that is too long even so is cut as a whole, and then unpainted. */
function drawn(shown: readonly { text: string; style: Style | undefined }[], { width, colour }: Canvas): string {
  const bare = shown.map(({ text }) => text).join(gap);
  if (width !== undefined && widthOf(bare.trimEnd()) > width) return cut(bare, width);
  return shown
    .map(({ text, style }) => paint(text, style, colour))
    .join(gap)
    .trimEnd();
}

function fitted<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  width: number | undefined,
): number[] {
  const widths = columns.map(({ head }, at) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[at] ?? "")), widthOf(head)),
  );
  if (width === undefined) return widths;
  const floors = columns.map(({ head, keep }, at) =>
    keep === true ? (widths[at] ?? 0) : Math.min(widths[at] ?? 0, Math.max(widthOf(head), narrowest)),
  );
  let surplus = widths.reduce((sum, one) => sum + one, gap.length * (columns.length - 1)) - width;
  while (surplus > 0) {
    let widest = -1;
    widths.forEach((one, at) => {
      if (one > (floors[at] ?? 0) && one > (widths[widest] ?? 0)) widest = at;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    surplus -= 1;
  }
  return widths;
}
