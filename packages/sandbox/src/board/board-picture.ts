import { slaveStates } from "@kubestack/contracts";
import { type Cell, renderTable } from "../terminal/table.ts";
import { clip, elapsed, paint, type Tone } from "../terminal/text.ts";
import type { Board, BoardRow } from "./board.ts";

export interface BoardLook {
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  /** The line below the table. */
  readonly foot: string;
}

const header = ["JOB", "LABEL", "BUILD", "SLAVE", "SLAVE IS"];
/** Counts, the table's header, and the foot. */
const frameLines = 3;

/** The table of builds and slaves as it stands, never larger than the window. */
export function boardPicture(board: Board, look: BoardLook): string[] {
  const { columns, colour, now } = look;
  const counts = board.counts();
  const summary = `slaves  ${slaveStates.map((state) => `${state} ${counts[state]}`).join(" · ")}`;
  const { shown, hidden } = choose(board.rows(), look.rows - frameLines);
  const cells = shown.map((row) => cellsOf(row, now));
  const foot = hidden === 0 ? look.foot : `${hidden} more not shown · ${look.foot}`;
  const ink = (text: string, tone: Tone): string => (colour ? paint(text, tone) : text);
  return [
    ink(clip(summary, columns), "strong"),
    ...renderTable(header, cells, { width: columns, colour }),
    ink(clip(foot, columns), "dim"),
  ];
}

/** Where not all rows fit, what has ended gives way first, the oldest before the others. */
function choose(rows: readonly BoardRow[], room: number): { shown: readonly BoardRow[]; hidden: number } {
  const surplus = Math.max(0, rows.length - Math.max(1, room));
  const isOver = ({ build, slaveState }: BoardRow): boolean =>
    build === "ended" && (slaveState === "deleted" || slaveState === null);
  const order = [...rows.filter(isOver), ...rows.filter((row) => !isOver(row))];
  const dropped = new Set(order.slice(0, surplus));
  return { shown: rows.filter((row) => !dropped.has(row)), hidden: surplus };
}

function cellsOf(row: BoardRow, now: number): Cell[] {
  return [row.job, row.label, buildCell(row, now), row.slave ?? "–", slaveCell(row, now)];
}

/** So wide that the columns behind it stand still while seconds become minutes. */
const buildWidth = 13;

function buildCell({ build, result, buildSince }: BoardRow, now: number): Cell {
  switch (build) {
    case "queued":
      return `queued ${elapsed(now - buildSince)}`.padEnd(buildWidth);
    case "running":
      return { text: `running ${elapsed(now - buildSince)}`.padEnd(buildWidth), tone: "lively" };
    case "ended":
      return { text: result ?? "?", tone: result === "SUCCESS" ? "good" : "bad" };
    case "none":
      return "–";
  }
}

function slaveCell({ slaveState, slaveSince }: BoardRow, now: number): Cell {
  if (slaveState === null) return "–";
  if (slaveState === "deleted") return { text: "deleted", tone: "dim" };
  return `${slaveState} ${elapsed(now - slaveSince)}`;
}
