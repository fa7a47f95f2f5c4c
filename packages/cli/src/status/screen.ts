import type { PoolStanding } from "@kubestack/contracts";
import { type MasterState, type NotOurs, printAge, type WaitGroup } from "@kubestack/explain";
import { nodesOf } from "../pools/pool-table.ts";
import { fold } from "../text/fold.ts";
import { hanging } from "../text/hanging.ts";
import { printMinute } from "../text/local-time.ts";
import { paint, type Style } from "../text/paint.ts";
import { plain } from "../text/plain.ts";
import { type Canvas, type Column, table } from "../text/table.ts";
import { widthOf } from "../text/width.ts";
import type { Fix, MasterOverview, Overview } from "./overview.ts";

/** How the screen is drawn. */
export interface ScreenOptions extends Canvas {
  readonly now: number;
  /** Every master, and whole names of owners. */
  readonly all: boolean;
  readonly wide: boolean;
}

/** The lines of `status`: what stands how, why builds wait, and what is to be mended. */
export function screen(overview: Overview, options: ScreenOptions): string[] {
  return [
    ...headline(overview, options),
    ...masterLines(overview.masters, options),
    ...poolLines(overview.pools, options),
    ...waitLines(overview, options),
    ...notOursLines(overview.notOurs, options),
    ...overview.fixes.flatMap((fix) => fixLines(fix, options)),
  ];
}

function headline(overview: Overview, canvas: Canvas): string[] {
  const { install, versions, slaves, cluster } = overview;
  const troubles = troublesOf(overview);
  const name = [plain(install ?? "KubeStack"), ...versions.map(plain)].join(" ");
  const health = [...(troubles.length === 0 ? ["healthy"] : troubles), ...orderedIn(overview)].join(" · ");
  const rest = [`${slaves} ${slaves === 1 ? "slave" : "slaves"}`, `cluster ${cluster.state}`, "NATS ok"].join(" · ");
  const style: Style = troubles.length === 0 ? "green" : "red";
  const left = `${paint(name, "bold", canvas.colour)}   ${paint(health, style, canvas.colour)}`;
  const cells = widthOf(`${name}   ${health}      ${rest}`);
  if (canvas.width === undefined || cells <= canvas.width) return [`${left}      ${rest}`];
  return [...fold(`${name}   ${health}`, canvas.width), ...fold(rest, canvas.width)];
}

/** What keeps it from being called healthy, each in a few words. */
export function troublesOf({ services, masters, cluster, pools }: Overview): string[] {
  const missing = services.filter(({ state }) => state !== "ok");
  const isAbsent = ({ state }: { state: string }): boolean => state === "absent";
  const counts = new Map<MasterState, number>();
  for (const { state } of masters) if (stateStyles[state] === "red") counts.set(state, (counts.get(state) ?? 0) + 1);
  return [
    ...(missing.length === 1 ? missing.map(({ name, state }) => `${name} ${state}`) : []),
    ...(missing.length > 1 ? [`${missing.length} services ${missing.every(isAbsent) ? "absent" : "faulty"}`] : []),
    ...(cluster.state === "unavailable" ? ["cluster unavailable"] : []),
    ...(pools.some(({ trouble }) => trouble !== "") ? ["node pools in trouble"] : []),
    ...[...counts].map(([state, count]) => `${count} ${count === 1 ? "master" : "masters"} ${state}`),
  ];
}

/** What stands still because somebody wants it so, or launches failed: no trouble of KubeStack's, and not to be forgotten. */
function orderedIn({ masters, heldSlaves, holds }: Overview): string[] {
  const ordered = (["paused", "draining", "removed"] as const).flatMap((order) => {
    const count = masters.filter(({ state }) => state === order).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? "master" : "masters"} ${order}`];
  });
  return [
    ...ordered,
    ...(holds === 0 ? [] : [`${holds} ${holds === 1 ? "hold" : "holds"}`]),
    ...(heldSlaves === 0 ? [] : [`${heldSlaves} ${heldSlaves === 1 ? "slave" : "slaves"} held`]),
  ];
}

/** With more masters than this, those that are well and have nothing to do are counted instead. */
const shownMasters = 12;

/** The table of masters. */
export function masterLines(masters: readonly MasterOverview[], options: ScreenOptions): string[] {
  if (masters.length === 0) return ["No master is served; the configuration names them under masters:."];
  const { now, all, wide } = options;
  const quiet = ({ state, waiting, starting, draining }: MasterOverview): boolean =>
    state === "ok" && waiting === 0 && starting === 0 && draining === 0;
  const hidden = all || masters.length <= shownMasters ? [] : masters.filter(quiet);
  const shown = masters.filter((master) => !hidden.includes(master));
  const lines = shown.length === 0 ? [] : table(masterColumns(now, wide), shown, options);
  return hidden.length === 0 ? lines : [...lines, `(${hidden.length} more, all ok: -A)`];
}

const stateStyles: Readonly<Record<MasterState, Style>> = {
  ok: "green",
  starting: "yellow",
  quieting: "yellow",
  paused: "yellow",
  draining: "yellow",
  removed: "yellow",
  refused: "red",
  unreachable: "red",
  unread: "red",
  unsupervised: "red",
};

function masterColumns(now: number, wide: boolean): Column<MasterOverview>[] {
  const number = (head: string, of: (row: MasterOverview) => number): Column<MasterOverview> => ({
    head,
    cell: (row) => String(of(row)),
    align: "right",
    keep: true,
  });
  return [
    { head: "MASTER", cell: ({ master }) => master },
    { head: "STATE", cell: ({ state }) => state, keep: true, style: ({ state }) => stateStyles[state] },
    { head: "WAIT", cell: ({ waiting }) => (waiting === null ? "?" : String(waiting)), align: "right", keep: true },
    { head: "OLDEST", cell: ({ oldestSince }) => age(oldestSince, now), align: "right", keep: true },
    number("START", ({ starting }) => starting),
    number("IDLE", ({ idle }) => idle),
    number("BUSY", ({ busy }) => busy),
    number("DRAIN", ({ draining }) => draining),
    { head: "OWNER", cell: ({ owner }) => owner, spare: 1 },
    ...(wide ? [{ head: "DETAIL", cell: ({ detail }: MasterOverview) => detail }] : []),
  ];
}

function age(since: number | null, now: number): string | null {
  return since === null ? null : printAge(now - since);
}

/** `POOLS  spot 24+2 · on-demand 18`; `pools` tells more. */
function poolLines(pools: readonly PoolStanding[], canvas: Canvas): string[] {
  if (pools.length === 0) return [];
  const told = pools.map((pool) => `${plain(pool.pool)} ${nodesOf(pool)}`).join(" · ");
  return hanging("POOLS", told, { canvas, style: "bold" });
}

function waitLines({ groups, masters }: Overview, options: ScreenOptions): string[] {
  if (groups.length === 0) return [];
  const named = masters.length > 1;
  const columns: Column<WaitGroup>[] = [
    { head: "WAITING BECAUSE", cell: (group) => (named ? withMasters(group) : group.reason) },
    { head: "BUILDS", cell: ({ builds }) => String(builds), align: "right", keep: true },
    { head: "OLDEST", cell: ({ oldestSince }) => age(oldestSince, options.now), align: "right", keep: true },
  ];
  return table(columns, groups, options);
}

function withMasters({ reason, masters }: WaitGroup): string {
  const [only] = masters;
  if (masters.length > 3) return `${reason} · ${masters.length} masters`;
  return masters.length === 1 && only !== undefined && reason.includes(only)
    ? reason
    : `${reason} · ${masters.join(", ")}`;
}

const shownWishes = 5;

function notOursLines(notOurs: readonly NotOurs[], canvas: Canvas): string[] {
  if (notOurs.length === 0) return [];
  const count = notOurs.reduce((sum, { builds }) => sum + builds, 0);
  const wishes = notOurs
    .slice(0, shownWishes)
    .map(({ wants, builds }) => `${builds} ${builds === 1 ? "wants" : "want"} ${plain(wants)}`);
  const rest = notOurs.length > shownWishes ? ` and ${notOurs.length - shownWishes} other labels` : "";
  const text = `${count} ${count === 1 ? "build" : "builds"} that no template serves: ${wishes.join(", ")}${rest}`;
  return hanging("NOT OURS", text, { canvas, style: "yellow" });
}

function fixLines({ about, since, sentence }: Fix, options: ScreenOptions): string[] {
  const from = since === null ? "" : ` since ${printMinute(since, options.now)}`;
  return hanging("FIX", plain(`${about}${from}: ${sentence}`), { canvas: options, style: "red" });
}
