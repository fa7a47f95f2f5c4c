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
  /** May be left out where the terminal is too narrow to show all columns legibly; the lowest goes first. */
  readonly spare?: number;
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
/** Spare columns go before others are cut to less than this many cells. */
const legible = 14;

/**
 * The lines of a table without boxes, as wide as its content. Where the terminal is narrower, spare columns are left out
 * and then the widest column is cut first; no line ever wraps. A library would bring boxes and wrapping to switch off; this is all that is needed.
 */
export function table<Row>(all: readonly Column<Row>[], rows: readonly Row[], canvas: Canvas): string[] {
  const columns = legibleColumns(
    all.map((column) => sized(column, rows)),
    canvas.width,
  );
  const cells = rows.map((_, index) => columns.map(({ texts }) => texts[index] ?? ""));
  const widths = fitted(columns, canvas.width);
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

/** A column with its content and the cells that it takes uncut. */
interface Sized<Row> extends Column<Row> {
  readonly texts: readonly string[];
  readonly full: number;
}

function sized<Row>(column: Column<Row>, rows: readonly Row[]): Sized<Row> {
  const texts = rows.map((row) => plain(column.cell(row) ?? "") || "–");
  const full = texts.reduce((most, text) => Math.max(most, widthOf(text)), widthOf(column.head));
  return { ...column, texts, full };
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1));
}

function legibleColumns<Row>(columns: readonly Sized<Row>[], width: number | undefined): readonly Sized<Row>[] {
  const least = columns.map(({ full, keep }) => (keep === true ? full : Math.min(full, legible)));
  if (width === undefined || sumOf(least) <= width) return columns;
  const spares = columns.flatMap(({ spare }) => (spare === undefined ? [] : [spare]));
  if (spares.length === 0) return columns;
  const first = Math.min(...spares);
  return legibleColumns(
    columns.filter(({ spare }) => spare !== first),
    width,
  );
}

function fitted<Row>(columns: readonly Sized<Row>[], width: number | undefined): number[] {
  const widths = columns.map(({ full }) => full);
  if (width === undefined) return widths;
  const floors = columns.map(({ head, keep, full }) =>
    keep === true ? full : Math.min(full, Math.max(widthOf(head), narrowest)),
  );
  let surplus = sumOf(widths) - width;
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
