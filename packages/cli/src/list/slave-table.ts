import { slaveStates } from "@kubestack/contracts";
import { nameBuilds, printAge, type SlaveView } from "@kubestack/explain";
import { stateStyles } from "../text/paint.ts";
import { type Canvas, type Column, table } from "../text/table.ts";

/** Which columns there are. */
export interface SlaveTableOptions extends Canvas {
  readonly wide: boolean;
  /** Slaves that are over are listed too. */
  readonly all: boolean;
}

/** The table of slaves: by master, then in the order of a slave's life, the oldest first. */
export function slaveTable(views: readonly SlaveView[], options: SlaveTableOptions): string[] {
  return table(columnsOf(options), views.toSorted(inOrder), options);
}

/** The order in which slaves are listed. */
export function inOrder(a: SlaveView, b: SlaveView): number {
  const byMaster = a.master < b.master ? -1 : a.master > b.master ? 1 : 0;
  const byState = slaveStates.indexOf(a.state) - slaveStates.indexOf(b.state);
  return byMaster || byState || (a.since ?? 0) - (b.since ?? 0) || (a.name < b.name ? -1 : 1);
}

function columnsOf({ wide, all }: SlaveTableOptions): Column<SlaveView>[] {
  return [
    { head: "SLAVE", cell: ({ name }) => name, keep: true },
    { head: "MASTER", cell: ({ master }) => master, spare: 4 },
    { head: "TEMPLATE", cell: ({ template }) => template },
    {
      head: "STATE",
      cell: ({ state, retained }) => (retained === null ? state : "retained"),
      keep: true,
      style: ({ state }) => stateStyles[state],
    },
    { head: "FOR", cell: ({ forMs }) => (forMs === null ? null : printAge(forMs)), align: "right", keep: true },
    ...(all ? [outcome] : []),
    { head: "WAITS ON", cell: ({ waitsOn, isWarm, buildsRun }) => warmly(waitsOn, isWarm && buildsRun === 0) },
    ...(wide ? [{ head: "GIVES UP IN", cell: clockText, spare: 6 }] : []),
    { head: "NODE", cell: ({ node }) => node, spare: 5 },
    { head: "BUILD", cell: ({ build }) => build?.name ?? null },
    ...(wide ? more : []),
  ];
}

const outcome: Column<SlaveView> = {
  head: "OUTCOME",
  cell: (view) => view.outcome,
  keep: true,
  style: (view) => (view.outcome === "failed" ? "red" : undefined),
};

const more: readonly Column<SlaveView>[] = [
  { head: "LAUNCHED FOR", cell: ({ launchedFor, isWarm }) => launchedFor ?? (isWarm ? "(warm)" : null), spare: 3 },
  { head: "RAN", cell: ({ buildsRun }) => String(buildsRun), align: "right", keep: true, spare: 3 },
  { head: "NAMESPACE", cell: ({ namespace }) => namespace, spare: 1 },
  { head: "LABELS", cell: ({ labels }) => labels.join(" "), spare: 2 },
  { head: "BECAUSE", cell: ({ reason }) => nameBuilds(reason), spare: 5 },
];

function clockText({ clock }: SlaveView): string | null {
  return clock === null ? null : `${printAge(clock.leftMs)} (${clock.name})`;
}

/** `a build (warm)`: it is idle because its template keeps some so. */
function warmly(waitsOn: string | null, isWarm: boolean): string | null {
  return waitsOn !== null && isWarm ? `${waitsOn} (warm)` : waitsOn;
}
