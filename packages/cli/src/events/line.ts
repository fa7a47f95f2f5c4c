import { printTime } from "../text/local-time.ts";
import { paint } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import type { Canvas } from "../text/table.ts";
import { cut, pad, widthOf } from "../text/width.ts";
import type { Occurrence } from "./occurrence.ts";

/** Cells of the columns; they only grow, since nobody knows what comes. */
export interface LineWidths {
  readonly word: number;
  readonly master: number;
  readonly name: number;
  readonly template: number;
}

export const firstWidths: LineWidths = { word: 9, master: 0, name: 12, template: 0 };

/** The widths that these too have room in. */
export function widened(widths: LineWidths, occurrences: readonly Occurrence[]): LineWidths {
  const most = (least: number, of: (one: Occurrence) => string): number =>
    occurrences.reduce((width, one) => Math.max(width, widthOf(plain(of(one)))), least);
  return {
    word: most(widths.word, ({ word }) => word),
    master: most(widths.master, ({ master }) => master),
    name: most(widths.name, ({ name }) => name),
    template: most(widths.template, ({ template }) => template),
  };
}

export interface LineOptions extends Canvas {
  readonly now: number;
  readonly widths: LineWidths;
  /** With the master in a column of its own. */
  readonly wide: boolean;
}

/** `09:14:03.120 requested  ks-backend-9d0xqa maven   for shop/api` */
export function eventLine(occurrence: Occurrence, { now, widths, wide, width, colour }: LineOptions): string {
  const { at, word, master, name, template, detail, style } = occurrence;
  const time = printTime(at, now);
  const state = pad(plain(word), widths.word);
  const rest = [
    ...(wide ? [pad(plain(master), widths.master)] : []),
    pad(plain(name), widths.name),
    ...(widths.template === 0 ? [] : [pad(plain(template), widths.template)]),
    plain(detail),
  ].join(" ");
  const bare = `${time} ${state}  ${rest}`.trimEnd();
  if (width !== undefined && widthOf(`${time} ${state}`) >= width) return cut(bare, width);
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - widthOf(`${time} ${state}  `);
  return `${paint(time, "dim", colour)} ${paint(state, style, colour)}  ${cut(rest.trimEnd(), room)}`.trimEnd();
}
